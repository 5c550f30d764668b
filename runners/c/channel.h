// A bounded queue between threads, of a lock and two conditions: C has none of its own, and this is how its
// textbooks make one (the "bounded buffer").
#ifndef CHANNEL_H
#define CHANNEL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct channel {
    pthread_mutex_t lock;
    pthread_cond_t has_room, has_message;
    uint64_t *slots, capacity, first, count;
    bool closed;
};

void channel_open(struct channel *channel, uint64_t capacity);
void channel_send(struct channel *channel, uint64_t message);
bool channel_receive(struct channel *channel, uint64_t *message); // false once it is closed and empty
void channel_close(struct channel *channel);                      // no more will be sent
void channel_free(struct channel *channel);

#endif
