/* A queue of packets that owns them. */
#ifndef AF_QUEUE_H
#define AF_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include <libavcodec/packet.h>

#include "vec.h"

/* The packets of packets.v from `head` on wait. What was taken out leaves its empty packet for the
 * next to come: a queue that has reached its length allocates no more. */
struct af_queue {
    AF_VEC(AVPacket *) packets;
    size_t head;
    size_t bytes;                   /* of the data that waits */
    AF_VEC(AVPacket *) spare;
};

/* Appends a new reference to the packet's data; 0, or -1 without memory. */
int af_queue_push(struct af_queue *queue, const AVPacket *packet);
/* Appends what the packet holds, and leaves it empty; 0, or -1 without memory. */
int af_queue_move(struct af_queue *queue, AVPacket *packet);
/* The oldest packet, which stays in the queue; NULL when there is none. */
AVPacket *af_queue_first(const struct af_queue *queue);
/* Moves the oldest packet into `packet`, which is empty; false when there is none. */
bool af_queue_pop(struct af_queue *queue, AVPacket *packet);
/* Drops what waits. */
void af_queue_clear(struct af_queue *queue);
void af_queue_free(struct af_queue *queue);

#endif
