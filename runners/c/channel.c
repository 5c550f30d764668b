#include "channel.h"

#include <stdlib.h>

#include "wire.h"

void channel_open(struct channel *channel, uint64_t capacity) {
    *channel = (struct channel){.capacity = capacity, .slots = malloc(capacity * sizeof *channel->slots)};
    if (!channel->slots) {
        fail("no memory for a channel");
    }
    pthread_mutex_init(&channel->lock, NULL);
    pthread_cond_init(&channel->has_room, NULL);
    pthread_cond_init(&channel->has_message, NULL);
}

void channel_send(struct channel *channel, uint64_t message) {
    pthread_mutex_lock(&channel->lock);
    while (channel->count == channel->capacity) {
        pthread_cond_wait(&channel->has_room, &channel->lock);
    }
    channel->slots[(channel->first + channel->count++) % channel->capacity] = message;
    pthread_mutex_unlock(&channel->lock);
    pthread_cond_signal(&channel->has_message);
}

bool channel_receive(struct channel *channel, uint64_t *message) {
    pthread_mutex_lock(&channel->lock);
    while (channel->count == 0 && !channel->closed) {
        pthread_cond_wait(&channel->has_message, &channel->lock);
    }
    bool received = channel->count > 0;
    if (received) {
        *message = channel->slots[channel->first];
        channel->first = (channel->first + 1) % channel->capacity;
        channel->count--;
    }
    pthread_mutex_unlock(&channel->lock);
    pthread_cond_signal(&channel->has_room);
    return received;
}

void channel_close(struct channel *channel) {
    pthread_mutex_lock(&channel->lock);
    channel->closed = true;
    pthread_mutex_unlock(&channel->lock);
    pthread_cond_broadcast(&channel->has_message);
}

void channel_free(struct channel *channel) {
    pthread_cond_destroy(&channel->has_message);
    pthread_cond_destroy(&channel->has_room);
    pthread_mutex_destroy(&channel->lock);
    free(channel->slots);
}
