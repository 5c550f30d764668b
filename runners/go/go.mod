module kilotask/runners/go

go 1.19
