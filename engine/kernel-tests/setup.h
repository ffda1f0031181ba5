/* One function for each family: calls the init functions that its kernels are hooked into. */
#ifndef AFMPEG_KERNEL_TEST_SETUP_H
#define AFMPEG_KERNEL_TEST_SETUP_H

/* A function that the tests call. */
#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(#name)))
#else
#define EXPORT(name)
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct AACEncContext;
struct AVTXContext;
struct MPVEncContext;
struct SwsContext;

/* Calls all that are below. */
EXPORT(setup) void setup(void);
/* A context of `setup_swscale`, for the functions that take one. */
EXPORT(scaler) struct SwsContext *scaler(int index);
/* The AAC encoder's context, for the same. */
EXPORT(aac_encoder) struct AACEncContext *aac_encoder(void);
/* Of `setup_tx`: a cosine transform of 1024 numbers, its inverse, the part that is complex, a complex one that
 * orders its numbers first, an inverse of 15 times 64 numbers, and one of 128 real numbers. */
struct AVTXContext *transformer(int index);
/* The context of the MPEG encoders for intra blocks or others, with a bias, and with levels in turned blocks
 * or not. */
EXPORT(encoder) struct MPVEncContext *encoder(int intra, int bias, int turned);
/* All of these in one list: 16 of swscale, that of the AAC encoder, 6 transforms, that of MPEG encoders. */
EXPORT(listed_context) const void *listed_context(int index);

void setup_h264(void);
void setup_encoding(void);
void setup_motion(void);
void setup_swscale(void);
void setup_openh264(void);
void setup_audio(void);
void setup_aac(void);
void setup_tx(void);
void setup_filters(void);
void setup_images(void);
void setup_lossless(void);
void setup_celt_vorbis(void);
void setup_codes(void);
void setup_probing(void);

#ifdef __cplusplus
}
#endif

#endif
