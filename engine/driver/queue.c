/* A queue of packets that owns them. */
#include "queue.h"

#include <string.h>

/* An empty packet at the end of the queue, or NULL. */
static AVPacket *append(struct af_queue *queue)
{
    AVPacket **slot, *packet;

    /* The space before the head is used again once it is the greater part. */
    if (queue->head && queue->head * 2 >= queue->packets.n) {
        queue->packets.n -= queue->head;
        memmove(queue->packets.v, queue->packets.v + queue->head,
                queue->packets.n * sizeof *queue->packets.v);
        queue->head = 0;
    }
    /* With this, every packet of the queue has a place among the spare ones when it is taken out. */
    if (af_vec_reserve(&queue->spare, queue->packets.n - queue->head + 1))
        return NULL;
    slot = af_vec_new(&queue->packets);
    if (!slot)
        return NULL;
    packet = queue->spare.n ? queue->spare.v[--queue->spare.n] : av_packet_alloc();
    if (!packet) {
        queue->packets.n--;
        return NULL;
    }
    return *slot = packet;
}

int af_queue_push(struct af_queue *queue, const AVPacket *packet)
{
    AVPacket *copy = append(queue);

    if (!copy)
        return -1;
    if (av_packet_ref(copy, packet) >= 0) {
        queue->bytes += (size_t)copy->size;
        return 0;
    }
    queue->packets.n--;
    queue->spare.v[queue->spare.n++] = copy;
    return -1;
}

int af_queue_move(struct af_queue *queue, AVPacket *packet)
{
    AVPacket *taker = append(queue);

    if (!taker)
        return -1;
    av_packet_move_ref(taker, packet);
    queue->bytes += (size_t)taker->size;
    return 0;
}

AVPacket *af_queue_first(const struct af_queue *queue)
{
    return queue->head < queue->packets.n ? queue->packets.v[queue->head] : NULL;
}

bool af_queue_pop(struct af_queue *queue, AVPacket *packet)
{
    AVPacket *first = af_queue_first(queue);

    if (!first)
        return false;
    av_packet_move_ref(packet, first);
    queue->bytes -= (size_t)packet->size;
    queue->spare.v[queue->spare.n++] = first;
    queue->head++;
    return true;
}

void af_queue_clear(struct af_queue *queue)
{
    AVPacket *first;

    while ((first = af_queue_first(queue))) {
        av_packet_unref(first);
        queue->spare.v[queue->spare.n++] = first;
        queue->head++;
    }
    queue->bytes = 0;
}

void af_queue_free(struct af_queue *queue)
{
    af_queue_clear(queue);
    for (size_t i = 0; i < queue->spare.n; i++)
        av_packet_free(&queue->spare.v[i]);
    af_vec_free(&queue->spare);
    af_vec_free(&queue->packets);
    queue->head = 0;
}
