/* A queue of packets that owns them. */
#ifndef AF_QUEUE_H
#define AF_QUEUE_H

#include <stddef.h>

#include <libavcodec/packet.h>

#include "vec.h"

struct af_queue {
    AF_VEC(AVPacket *) packets;
    size_t head;
};

/* Appends a new reference to the packet's data; 0, or -1 without memory. */
int af_queue_push(struct af_queue *queue, const AVPacket *packet);
/* The oldest packet, now the caller's; NULL when there is none. */
AVPacket *af_queue_pop(struct af_queue *queue);
void af_queue_clear(struct af_queue *queue);

#endif
