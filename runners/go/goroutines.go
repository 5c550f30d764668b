package main

import (
	"runtime"
	"sync"
	"time"
)

// go-goroutines: a goroutine a task.
//
// The idiom of Go's tour and of "Effective Go": `go` starts a task, a WaitGroup waits for all of them, each leaves
// what it returns in its own slot of a slice; channels to speak to one another.
//
// Settings: GOMAXPROCS is `workers`, one a CPU by default; threads beyond them take calls that block. The
// collector of garbage is left at its default.
//
// What could mislead:
// - The collector runs beside the tasks, on the same CPUs, whenever the heap has doubled from 4 MiB on.
// - A stack is 2 KiB at first and is copied when it grows. What is done with is kept for the next goroutine, so
//   that round 1 spawns for less than round 0.
// - A thread that has nothing to do looks for work for a while before it sleeps: with one pair on two CPUs the ball
//   may pass by spinning.
// - Timers are kept by each P, and an idle thread waits for them in epoll_wait, which counts whole milliseconds: some
//   sleeps of 1 ms take 2.

var order = []string{
	"sleep", "spawn", "hold", "yield", "ping-pong", "fan-in", "skynet", "mutex", "brigade", "request", "echo",
	"file-read", "cpu", "mixed", "blocking",
}

var workloads = map[string]workload{
	"sleep": {run: sleep, caveat: "an idle thread waits in whole milliseconds (epoll_wait): some sleeps of 1 ms take 2 ms"},
	"spawn": {run: spawn}, "hold": {run: hold}, "yield": {run: giveWay},
	"ping-pong": {run: pingPong, caveat: "an idle thread spins for a while: one pair may need no context switch"},
	"fan-in":    {run: fanIn}, "skynet": {run: skynet}, "mutex": {run: mutex}, "brigade": {run: brigade},
	"request": {run: request}, "echo": {run: echo}, "file-read": {run: fileRead}, "cpu": {run: cpu}, "mixed": {run: mixed},
	"blocking": {unsupported: "Go's blocking calls let other goroutines run: see sleep"},
}

func sleep(r *round) tally {
	returned := make([]uint64, r.tasks)
	var all sync.WaitGroup
	for task := uint64(0); task < r.tasks; task++ {
		all.Add(1)
		go func(task uint64) {
			defer all.Done()
			r.begin(task)
			time.Sleep(r.sleeps[task])
			r.finish(task)
			returned[task] = r.token(task)
		}(task)
	}
	all.Wait()
	return sum(returned)
}

func spawn(r *round) tally {
	returned := make([]uint64, r.tasks)
	var all sync.WaitGroup
	for task := uint64(0); task < r.tasks; task++ {
		all.Add(1)
		go func(task uint64) {
			defer all.Done()
			returned[task] = r.token(task)
		}(task)
	}
	all.Wait()
	return sum(returned)
}

func hold(r *round) tally {
	returned := make([]uint64, r.tasks)
	var all, everyoneIsHere sync.WaitGroup
	everyoneIsHere.Add(int(r.tasks))
	release := make(chan struct{})
	for task := uint64(0); task < r.tasks; task++ {
		all.Add(1)
		go func(task uint64) {
			defer all.Done()
			r.begin(task)
			everyoneIsHere.Done()
			<-release
			r.finish(task)
			returned[task] = r.token(task)
		}(task)
	}
	everyoneIsHere.Wait()
	r.holding()
	close(release)
	all.Wait()
	return sum(returned)
}

func giveWay(r *round) tally {
	returned := make([]uint64, r.tasks)
	var all sync.WaitGroup
	for task := uint64(0); task < r.tasks; task++ {
		all.Add(1)
		go func(task uint64) {
			defer all.Done()
			given := uint64(0)
			for ; given < r.times; given++ {
				runtime.Gosched()
			}
			returned[task] = r.token(task) + given
		}(task)
	}
	all.Wait()
	return sum(returned)
}

func pingPong(r *round) tally {
	returned := make([]uint64, r.tasks)
	var all sync.WaitGroup
	for pair := uint64(0); pair < r.tasks/2; pair++ {
		there, back := make(chan uint64, 1), make(chan uint64, 1)
		all.Add(2)
		go func(pair uint64) {
			defer all.Done()
			ball := r.token(pair)
			for hop := uint64(0); hop < r.times; hop++ {
				there <- ball
				ball = <-back + 1
			}
			returned[2*pair] = ball
		}(pair)
		go func(pair uint64) {
			defer all.Done()
			ball := uint64(0)
			for hop := uint64(0); hop < r.times; hop++ {
				ball = <-there + 1
				back <- ball
			}
			returned[2*pair+1] = ball
		}(pair)
	}
	all.Wait()
	return sum(returned)
}

func fanIn(r *round) tally {
	returned := make([]uint64, r.tasks)
	messages := make(chan uint64, r.param("capacity"))
	received := make(chan uint64)
	go func() {
		total := uint64(0)
		for message := range messages {
			total += message
		}
		received <- total
	}()
	var all sync.WaitGroup
	for task := uint64(0); task < r.tasks; task++ {
		all.Add(1)
		go func(task uint64) {
			defer all.Done()
			for message := uint64(0); message < r.times; message++ {
				messages <- r.token(task) + message
			}
			returned[task] = r.token(task)
		}(task)
	}
	all.Wait()
	close(messages)
	tally := sum(returned)
	tally.checksum += <-received
	return tally
}

func skynet(r *round) tally {
	result := make(chan tally)
	go node(r, result, 0, r.tasks)
	return <-result
}

// node is a node of the tree; as in the original, it tells its parent through a channel.
func node(r *round, result chan<- tally, first, leaves uint64) {
	own := tally{completed: 1}
	if leaves == 1 {
		own.checksum = r.token(first)
		result <- own
		return
	}
	count := leaves
	if count > skynetFanOut {
		count = skynetFanOut
	}
	children := make(chan tally)
	for child := uint64(0); child < count; child++ {
		share := leaves / count
		if child < leaves%count {
			share++
		}
		go node(r, children, first, share)
		first += share
	}
	for child := uint64(0); child < count; child++ {
		tally := <-children
		own.completed += tally.completed
		own.checksum += tally.checksum
	}
	result <- own
}

func mutex(r *round) tally {
	returned := make([]uint64, r.tasks)
	across := r.param("across")
	var lock sync.Mutex
	counter := uint64(0)
	var all sync.WaitGroup
	for task := uint64(0); task < r.tasks; task++ {
		all.Add(1)
		go func(task uint64) {
			defer all.Done()
			r.begin(task)
			for turn := uint64(0); turn < r.times; turn++ {
				lock.Lock()
				if across == yieldWithLock {
					runtime.Gosched()
				}
				counter++
				lock.Unlock()
			}
			r.finish(task)
			returned[task] = r.token(task)
		}(task)
	}
	all.Wait()
	tally := sum(returned)
	tally.checksum += counter
	return tally
}

func cpu(r *round) tally {
	returned := make([]uint64, r.tasks)
	kernel, steps := r.param("kernel"), r.param("steps")
	var all sync.WaitGroup
	for task := uint64(0); task < r.tasks; task++ {
		all.Add(1)
		go func(task uint64) {
			defer all.Done()
			r.begin(task)
			returned[task] = compute(kernel, steps, r.token(task))
			r.finish(task)
		}(task)
	}
	all.Wait()
	return sum(returned)
}

func mixed(r *round) tally {
	burners, slices, slice := r.param("burners"), r.param("slices"), time.Duration(r.param("slice_ns"))
	duration, gives := time.Duration(r.param("duration_ns")), r.param("policy") == yields
	returned := make([]uint64, r.tasks+burners)
	var all sync.WaitGroup
	for task := uint64(0); task < r.tasks; task++ {
		all.Add(1)
		go func(task uint64) {
			defer all.Done()
			for beat := task * r.times; beat < (task+1)*r.times; beat++ {
				r.begin(beat)
				time.Sleep(duration)
				r.finish(beat)
				returned[task] += r.token(beat)
			}
		}(task)
	}
	for burner := uint64(0); burner < burners; burner++ {
		all.Add(1)
		go func(burner uint64) {
			defer all.Done()
			burnt := uint64(0)
			for ; burnt < slices; burnt++ {
				burnSlice(slice)
				if gives {
					runtime.Gosched()
				}
			}
			returned[r.tasks+burner] = r.token(r.tasks*r.times+burner) + burnt
		}(burner)
	}
	all.Wait()
	return sum(returned)
}

func sum(returned []uint64) tally {
	var sum tally
	for _, value := range returned {
		sum.add(value)
	}
	return sum
}
