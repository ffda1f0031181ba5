/* The copy lane: packets of an input stream straight to the muxer. */
#ifndef AF_COPY_H
#define AF_COPY_H

#include "encode.h"

struct af_error;
struct af_lane;
struct AVPacket;

/* Takes the parameters of the input stream and readies the lane for the header. */
int af_copy_prepare(struct af_lane *lane, struct af_error *err);

/* Keeps a packet of the lane's stream until the lane's turn. */
int af_copy_offer(struct af_lane *lane, const struct AVPacket *packet, struct af_error *err);

/* Hands one packet on. */
enum af_step af_copy_step(struct af_lane *lane, struct af_error *err);

#endif
