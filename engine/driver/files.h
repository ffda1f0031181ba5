/* The files of an output: every one that its muxer opens, whatever it calls them. */
#ifndef AF_FILES_H
#define AF_FILES_H

struct af_error;
struct af_output;

/* Notes what the muxer of out->oc opens to write from here on, and what of it fails. */
void af_output_files_watch(struct af_output *out);

/* 0 while all that was written was taken; else -1 with an error of class AF_STORAGE, or of the file that
 * may not be written. Muxers of many files forget to tell. */
int af_output_files_failed(struct af_output *out, struct af_error *err);

/* When all are closed: keeps the list to those that are there, none of them empty, and sums their sizes. */
int af_output_files_look(struct af_output *out, struct af_error *err);

/* The path of a file's URL. */
const char *af_output_file_path(const char *url);

#endif
