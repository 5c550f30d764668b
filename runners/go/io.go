package main

import (
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
	"unsafe"
)

// Pipes, sockets and files. Those that the kernel can wait for (pipes, sockets) give way by epoll; a file holds
// its thread, and the scheduler goes on with another.

func brigade(r *round) tally {
	returned := make([]uint64, r.tasks)
	var all sync.WaitGroup
	from, entrance := openPipe()
	for task := uint64(0); task < r.tasks; task++ {
		next, to := openPipe()
		all.Add(1)
		go func(task uint64, from, to *os.File) {
			defer all.Done()
			for pass := uint64(0); pass < r.times; pass++ {
				writeByte(to, readByte(from)+1)
			}
			from.Close()
			to.Close()
			returned[task] = r.token(task)
		}(task, from, to)
		from = next
	}
	total := uint64(0)
	for pass := uint64(0); pass < r.times; pass++ {
		writeByte(entrance, byte(r.token(pass)))
		total += uint64(readByte(from))
	}
	all.Wait()
	entrance.Close()
	from.Close()
	tally := sum(returned)
	tally.checksum += total
	return tally
}

func openPipe() (*os.File, *os.File) {
	reader, writer, err := os.Pipe()
	if err != nil {
		fail("a pipe", err)
	}
	return reader, writer
}

func readByte(from *os.File) byte {
	var one [1]byte
	if _, err := io.ReadFull(from, one[:]); err != nil {
		fail("a pipe of the brigade", err)
	}
	return one[0]
}

func writeByte(to *os.File, value byte) {
	if _, err := to.Write([]byte{value}); err != nil {
		fail("a pipe of the brigade", err)
	}
}

func request(r *round) tally {
	returned := make([]uint64, r.tasks)
	var all sync.WaitGroup
	for task := uint64(0); task < r.tasks; task++ {
		all.Add(1)
		go func(task uint64) {
			defer all.Done()
			r.begin(task)
			connection, err := net.Dial("tcp", r.Origin) // sets TCP_NODELAY by itself
			if err != nil {
				fail("the origin", err)
			}
			defer connection.Close()
			if _, err := connection.Write(pack(r.token(task))); err != nil {
				fail("the origin", err)
			}
			var reply [8]byte
			if _, err := io.ReadFull(connection, reply[:]); err != nil {
				fail("the origin", err)
			}
			r.finish(task)
			returned[task] = unpack(reply[:])
		}(task)
	}
	all.Wait()
	return sum(returned)
}

// The backlog is the kernel's limit (net.core.somaxconn): that is Go's own choice.
func echo(r *round) tally {
	returned := make([]uint64, r.tasks)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail("a port to listen at", err)
	}
	send(map[string]string{"event": "serving", "address": listener.Addr().String()})
	var all sync.WaitGroup
	for task := uint64(0); task < r.tasks; task++ {
		connection, err := listener.Accept()
		if err != nil {
			fail("a client", err)
		}
		all.Add(1)
		go func(task uint64) {
			defer all.Done()
			defer connection.Close()
			buffer, sent := make([]byte, 4096), 0
			for {
				got, err := connection.Read(buffer)
				if err == io.EOF {
					break
				}
				if err == nil {
					_, err = connection.Write(buffer[:got])
				}
				if err != nil {
					fail("a client", err)
				}
				sent += got
			}
			returned[task] = r.token(task) + uint64(sent)
		}(task)
	}
	listener.Close()
	all.Wait()
	return sum(returned)
}

func fileRead(r *round) tally {
	returned := make([]uint64, r.tasks)
	blocks, flags := r.param("file_bytes")/blockBytes, openFlags(r.param("io"))
	var all sync.WaitGroup
	for task := uint64(0); task < r.tasks; task++ {
		all.Add(1)
		go func(task uint64) {
			defer all.Done()
			r.begin(task)
			file, err := os.OpenFile(r.File, flags, 0)
			if err != nil {
				fail("the file", err)
			}
			defer file.Close()
			block, total := alignedBlock(), uint64(0)
			for read := uint64(0); read < r.times; read++ {
				at := splitmix64(splitmix64(r.token(task))+read) % blocks
				if _, err := file.ReadAt(block, int64(at*blockBytes)); err != nil {
					fail("block "+strconv.FormatUint(at, 10)+" of "+r.File, err)
				}
				total += blockSum(block)
			}
			r.finish(task)
			returned[task] = total
		}(task)
	}
	all.Wait()
	return sum(returned)
}

func openFlags(io uint64) int {
	if io == direct {
		return os.O_RDONLY | syscall.O_DIRECT
	}
	return os.O_RDONLY
}

// alignedBlock is room for a block, aligned as O_DIRECT demands.
func alignedBlock() []byte {
	room := make([]byte, 2*blockBytes)
	skip := blockBytes - int(uintptr(unsafe.Pointer(&room[0]))%blockBytes)
	return room[skip : skip+blockBytes]
}
