/* A queue of packets that owns them. */
#include "queue.h"

#include <string.h>

int af_queue_push(struct af_queue *queue, const AVPacket *packet)
{
    AVPacket **slot, *copy;

    /* The space before the head is used again once it is the greater part. */
    if (queue->head && queue->head * 2 >= queue->packets.n) {
        queue->packets.n -= queue->head;
        memmove(queue->packets.v, queue->packets.v + queue->head,
                queue->packets.n * sizeof *queue->packets.v);
        queue->head = 0;
    }
    copy = av_packet_clone(packet);
    if (!copy)
        return -1;
    slot = af_vec_new(&queue->packets);
    if (!slot) {
        av_packet_free(&copy);
        return -1;
    }
    *slot = copy;
    return 0;
}

AVPacket *af_queue_pop(struct af_queue *queue)
{
    return queue->head < queue->packets.n ? queue->packets.v[queue->head++] : NULL;
}

void af_queue_clear(struct af_queue *queue)
{
    AVPacket *packet;

    while ((packet = af_queue_pop(queue)))
        av_packet_free(&packet);
    af_vec_free(&queue->packets);
    queue->head = 0;
}
