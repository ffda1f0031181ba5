//! The table against the list of the specification.

use crate::preview1::ValueType::{self, I32, I64};
use crate::preview1::{SYSCALLS, find};

/// The functions of `wasi_snapshot_preview1.witx`, lowered to wasm: `i` is an `i32`, `I` an `i64`;
/// a pointer to each result follows the parameters. All return an errno but `proc_exit`.
/// `sock_accept` was added to the list after the snapshot.
const WITX: &str = "
    args_get ii                 args_sizes_get ii
    environ_get ii              environ_sizes_get ii
    clock_res_get ii            clock_time_get iIi
    fd_advise iIIi              fd_allocate iII
    fd_close i                  fd_datasync i
    fd_fdstat_get ii            fd_fdstat_set_flags ii
    fd_fdstat_set_rights iII    fd_filestat_get ii
    fd_filestat_set_size iI     fd_filestat_set_times iIIi
    fd_pread iiiIi              fd_prestat_get ii
    fd_prestat_dir_name iii     fd_pwrite iiiIi
    fd_read iiii                fd_readdir iiiIi
    fd_renumber ii              fd_seek iIii
    fd_sync i                   fd_tell ii
    fd_write iiii               path_create_directory iii
    path_filestat_get iiiii     path_filestat_set_times iiiiIIi
    path_link iiiiiii           path_open iiiiiIIii
    path_readlink iiiiii        path_remove_directory iii
    path_rename iiiiii          path_symlink iiiii
    path_unlink_file iii        poll_oneoff iiii
    proc_exit i                 proc_raise i
    sched_yield -               random_get ii
    sock_accept iii             sock_recv iiiiii
    sock_send iiiii             sock_shutdown ii
";

#[test]
fn the_table_is_the_list_of_the_witx_in_its_order() {
    let words: Vec<&str> = WITX.split_whitespace().collect();
    let listed: Vec<(&str, Vec<ValueType>)> = words
        .chunks(2)
        .map(|row| {
            let types = row[1].chars().filter_map(|letter| match letter {
                'i' => Some(I32),
                'I' => Some(I64),
                _ => None,
            });
            (row[0], types.collect())
        })
        .collect();
    assert_eq!(listed.len(), 46);
    let table: Vec<(&str, Vec<ValueType>)> = SYSCALLS
        .iter()
        .map(|syscall| (syscall.name, syscall.params.to_vec()))
        .collect();
    assert_eq!(table, listed);
    for syscall in SYSCALLS {
        let expected = (syscall.name != "proc_exit").then_some(I32);
        assert_eq!(syscall.result, expected, "{}", syscall.name);
        assert_eq!(find(syscall.name), Some(syscall));
    }
    assert_eq!(find("fd_frob"), None);
}
