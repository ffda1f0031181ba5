//! Calls of host kernels from FFmpeg's codecs of audio, and from the probes that every file of audio
//! goes through. As in [`super::hooks`], the glue in `engine/kernels` says whether it did the work.

use super::hooks::Edit;

/// The places, for targets that have kernels.
pub(super) const EDITS: [Edit; 18] = [
    // The part of the prediction that learns, after the samples that it starts from.
    (
        "ffmpeg/libavcodec/alacenc.c",
        "        // perform lpc on remaining samples\n",
        "        int afmpeg_alac_predict(int32_t *residuals, const int32_t *samples, int count, int order,\n\
         \x20                               int shift, const int *coefficients, int width);\n\
         \x20       if (afmpeg_alac_predict(residual, samples, s->frame_size, lpc.lpc_order, lpc.lpc_quant,\n\
         \x20                               lpc.lpc_coeff, s->write_sample_size))\n\
         \x20           return;\n",
    ),
    (
        "ffmpeg/libavcodec/alacenc.c",
        "    int32_t *samples = s->predictor_buf[ch];\n",
        "    int32_t *samples = s->predictor_buf[ch];\n\
         \x20   int afmpeg_alac_write(PutBitContext *pb, const int32_t *residuals, int count, unsigned history,\n\
         \x20                         int multiplier, int limit, int width);\n\
         \x20   if (afmpeg_alac_write(&s->pbctx, samples, s->frame_size, history, s->rc.history_mult,\n\
         \x20                         s->rc.k_modifier, s->write_sample_size))\n\
         \x20       return;\n",
    ),
    (
        "ffmpeg/libavcodec/alacenc.c",
        "    for (i = 2; i < n; i++) {\n        lt =  left_ch[i]",
        "    int afmpeg_stereo_sums(const int32_t *left, const int32_t *right, int count, uint64_t *sums);\n\
         \x20   if (!afmpeg_stereo_sums(left_ch, right_ch, n, sum))\n\
         \x20   for (i = 2; i < n; i++) {\n        lt =  left_ch[i]",
    ),
    (
        "ffmpeg/libavcodec/flacenc.c",
        "    if(bps < 30) {\n",
        "    int afmpeg_stereo_sums(const int32_t *left, const int32_t *right, int count, uint64_t *sums);\n\
         \x20   if (bps < 30 && afmpeg_stereo_sums(left_ch, right_ch, n, sum)) {\n\
         \x20   } else if(bps < 30) {\n",
    ),
    (
        "ffmpeg/libavcodec/flacenc.c",
        "            /* residual */\n            part_end  = &sub->residual[psize];\n",
        "            int afmpeg_flac_write(PutBitContext *pb, const int32_t *residuals, int count, int order,\n\
         \x20                                 int partition_order, int width, const int *parameters);\n\
         \x20           if (afmpeg_flac_write(&s->pb, sub->residual, s->frame.blocksize, sub->order, porder,\n\
         \x20                                 sub->rc.coding_mode, sub->rc.params))\n\
         \x20               continue;\n\
         \x20           /* residual */\n            part_end  = &sub->residual[psize];\n",
    ),
    (
        "ffmpeg/libavcodec/flacenc.c",
        "    for (i = pred_order; i < n; i++)\n        udata[i] = ",
        "    int afmpeg_flac_partition_sums(const int32_t *residuals, int count, int order,\n\
         \x20                                  int partition_order, uint64_t *sums);\n\
         \x20   if (exact || !afmpeg_flac_partition_sums(data, n, pred_order, pmax, sums[0])) {\n\
         \x20   for (i = pred_order; i < n; i++)\n        udata[i] = ",
    ),
    (
        "ffmpeg/libavcodec/flacenc.c",
        "    calc_sum_top(pmax, exact ? kmax : 0, udata, n, pred_order, sums);\n",
        "    calc_sum_top(pmax, exact ? kmax : 0, udata, n, pred_order, sums);\n    }\n",
    ),
    (
        "ffmpeg/libavcodec/flacenc.c",
        "static uint64_t rice_count_exact(const int32_t *res, int n, int k)\n{\n    int i;\n    uint64_t count = 0;\n",
        "static uint64_t rice_count_exact(const int32_t *res, int n, int k)\n{\n    int i;\n    uint64_t count = 0;\n\
         \x20   int afmpeg_flac_code_bits(const int32_t *residuals, int count, int parameter, uint64_t *bits);\n\
         \x20   if (afmpeg_flac_code_bits(res, n, k, &count))\n        return count;\n",
    ),
    // All partitions at once: what the kernel does not take is read again from the first.
    (
        "ffmpeg/libavcodec/flacdec.c",
        "    for (partition = 0; partition < (1 << rice_order); partition++) {\n        tmp = get_bits(&gb, rice_bits);\n",
        "    int at = get_bits_count(&gb);\n\
         \x20   int afmpeg_flac_read(const uint8_t *bytes, int *index, int size, int32_t *residuals, int count,\n\
         \x20                        int order, int partition_order, int width);\n\
         \x20   if (afmpeg_flac_read(gb.buffer, &at, gb.size_in_bits, decoded, s->blocksize, pred_order,\n\
         \x20                        rice_order, rice_bits)) {\n\
         \x20       skip_bits_long(&s->gb, at - get_bits_count(&s->gb));\n\
         \x20       return 0;\n\
         \x20   }\n\
         \x20   for (partition = 0; partition < (1 << rice_order); partition++) {\n        tmp = get_bits(&gb, rice_bits);\n",
    ),
    (
        "ffmpeg/libavcodec/opus/dec_celt.c",
        "    g00 = block->pf_gains_old[0];\n",
        "    int afmpeg_celt_transition(float *data, int old_period, int period, const float *old_gains,\n\
         \x20                              const float *gains, const float *window);\n\
         \x20   if (afmpeg_celt_transition(data, T0, T1, block->pf_gains_old, block->pf_gains, ff_celt_window2))\n\
         \x20       return;\n\
         \x20   g00 = block->pf_gains_old[0];\n",
    ),
    (
        "ffmpeg/libavcodec/opus/pvq.c",
        "    gain /= sqrtf(celt_decode_pulses(rc, y, N, K));\n    celt_normalize_residual(y, X, N, gain);\n",
        "    const uint32_t index = ff_opus_rc_dec_uint(rc, CELT_PVQ_V(N, K));\n\
         \x20   int afmpeg_celt_pulses(int *numbers, float *to, uint32_t dimensions, uint32_t pulses,\n\
         \x20                          uint32_t index, float gain);\n\
         \x20   if (!afmpeg_celt_pulses(y, X, N, K, index, gain)) {\n\
         \x20       gain /= sqrtf((float)celt_cwrsi(N, K, index, y));\n\
         \x20       celt_normalize_residual(y, X, N, gain);\n    }\n",
    ),
    // Two channels together: each number waits for the one before it, and for none of the other channel.
    (
        "ffmpeg/libavcodec/opus/dec_celt.c",
        "        /* deemphasis */\n",
        "        int afmpeg_celt_deemphasis(float *left_to, const float *left, float *right_to, const float *right,\n\
         \x20                                  float *left_state, float *right_state, int count);\n\
         \x20       CeltBlock *left = f->block;\n\
         \x20       if (f->output_channels == 2 &&\n\
         \x20           afmpeg_celt_deemphasis(output[0], &left->buf[1024 - frame_size], output[i],\n\
         \x20                                  &block->buf[1024 - frame_size], &left->emph_coeff,\n\
         \x20                                  &block->emph_coeff, i ? frame_size : 0)) {\n\
         \x20           if (!isnormal(left->emph_coeff))\n\
         \x20               left->emph_coeff = 0.0;\n\
         \x20           if (!isnormal(block->emph_coeff))\n\
         \x20               block->emph_coeff = 0.0;\n\
         \x20           continue;\n\
         \x20       }\n\
         \x20       /* deemphasis */\n",
    ),
    // What the kernels do not read, near an end of the bits or the granule, the loops go on with.
    (
        "ffmpeg/libavcodec/mpegaudiodec_template.c",
        "        /* read huffcode and compute each couple */\n",
        "#if !USE_FLOATS\n\
         \x20       int afmpeg_mp3_pairs(GetBitContext *gb, int end, const VLCElem *codes, int escape_bits,\n\
         \x20                            const int16_t *exponents, int32_t *to, int count, const uint32_t *powers);\n\
         \x20       const int read = afmpeg_mp3_pairs(&s->gb, end_pos, vlctab, linbits, exponents + s_index,\n\
         \x20                                         g->sb_hybrid + s_index, j, expval_table_fixed[0]);\n\
         \x20       s_index += 2 * read;\n\
         \x20       j -= read;\n\
         #endif\n\
         \x20       /* read huffcode and compute each couple */\n",
    ),
    (
        "ffmpeg/libavcodec/mpegaudiodec_template.c",
        "    last_pos = 0;\n    while (s_index <= 572) {\n",
        "    last_pos = 0;\n\
         #if !USE_FLOATS\n\
         \x20   int afmpeg_mp3_quads(GetBitContext *gb, int end, const VLC *codes, const int16_t *exponents,\n\
         \x20                        int32_t *to, int from, const uint32_t *powers, int *last);\n\
         \x20   s_index = afmpeg_mp3_quads(&s->gb, end_pos, vlc, exponents, g->sb_hybrid, s_index,\n\
         \x20                              exp_table_fixed, &last_pos);\n\
         #endif\n\
         \x20   while (s_index <= 572) {\n",
    ),
    (
        "ffmpeg/libavformat/mpegts.c",
        "    int best_score = 0;\n\n    memset(stat, 0, packet_size * sizeof(*stat));\n",
        "    int best_score = 0;\n\
         \x20   int afmpeg_probe_mpegts(const uint8_t *bytes, int size, int packet, int strict, int *score);\n\n\
         \x20   if (afmpeg_probe_mpegts(buf, size, packet_size, probe, &best_score))\n\
         \x20       return best_score;\n\
         \x20   memset(stat, 0, packet_size * sizeof(*stat));\n",
    ),
    // What begins no frame counts for nothing, wherever it is.
    (
        "ffmpeg/libavformat/mp3dec.c",
        "    for (; buf < end; buf = buf2+1) {\n",
        "    int afmpeg_probe_mpeg_audio(const uint8_t *bytes, const uint8_t *end);\n\
         \x20   int afmpeg_probe_repeats(const uint8_t *bytes, int size, uint32_t header, uint32_t mask, int *count);\n\
         \x20   for (; buf < end; buf = buf2+1) {\n\
         \x20       buf += afmpeg_probe_mpeg_audio(buf, end);\n\
         \x20       if (buf >= end)\n            break;\n",
    ),
    (
        "ffmpeg/libavformat/mp3dec.c",
        "            for (buf3 = buf2 + 4; buf3 < buf2 + available; buf3++) {\n",
        "            if (!afmpeg_probe_repeats(buf2 + 4, available - 4, header, MP3_MASK, &header_emu))\n\
         \x20           for (buf3 = buf2 + 4; buf3 < buf2 + available; buf3++) {\n",
    ),
    (
        "ffmpeg/libavformat/aacdec.c",
        "    for (; buf < end; buf = buf2 + 1) {\n",
        "    int afmpeg_probe_adts(const uint8_t *bytes, const uint8_t *end);\n\
         \x20   for (; buf < end; buf = buf2 + 1) {\n\
         \x20       buf += afmpeg_probe_adts(buf, end);\n\
         \x20       if (buf >= end)\n            break;\n",
    ),
];
