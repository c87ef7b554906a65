/**
 * The 46 functions of WASI preview 1 with their core types, parameters before the arrow: W is i64, i is i32.
 * Source: WASI branch wasi-0.1, `wasi_snapshot_preview1.witx`, lowered as its "core-abi.md" says.
 */
export const PREVIEW1_SIGNATURES: Readonly<Record<string, string>> = {
  args_get: 'ii>i', args_sizes_get: 'ii>i', environ_get: 'ii>i', environ_sizes_get: 'ii>i',
  clock_res_get: 'ii>i', clock_time_get: 'iWi>i',
  fd_advise: 'iWWi>i', fd_allocate: 'iWW>i', fd_close: 'i>i', fd_datasync: 'i>i', fd_fdstat_get: 'ii>i', fd_fdstat_set_flags: 'ii>i',
  fd_fdstat_set_rights: 'iWW>i', fd_filestat_get: 'ii>i', fd_filestat_set_size: 'iW>i', fd_filestat_set_times: 'iWWi>i',
  fd_pread: 'iiiWi>i', fd_prestat_get: 'ii>i', fd_prestat_dir_name: 'iii>i', fd_pwrite: 'iiiWi>i', fd_read: 'iiii>i',
  fd_readdir: 'iiiWi>i', fd_renumber: 'ii>i', fd_seek: 'iWii>i', fd_sync: 'i>i', fd_tell: 'ii>i', fd_write: 'iiii>i',
  path_create_directory: 'iii>i', path_filestat_get: 'iiiii>i', path_filestat_set_times: 'iiiiWWi>i', path_link: 'iiiiiii>i',
  path_open: 'iiiiiWWii>i', path_readlink: 'iiiiii>i', path_remove_directory: 'iii>i', path_rename: 'iiiiii>i', path_symlink: 'iiiii>i',
  path_unlink_file: 'iii>i', poll_oneoff: 'iiii>i', proc_exit: 'i>', proc_raise: 'i>i', random_get: 'ii>i', sched_yield: '>i',
  sock_accept: 'iii>i', sock_recv: 'iiiiii>i', sock_send: 'iiiii>i', sock_shutdown: 'ii>i',
};

/** Preview 0 has the same functions without `sock_accept`, which came later, and with the same core types. */
export const PREVIEW_MODULES: ReadonlySet<string> = new Set(['wasi_snapshot_preview1', 'wasi_unstable']);

/** `(i32, i64) -> (i32)` for `iW>i`. */
export function signatureText(signature: string): string {
  const [params, results] = signature.split('>').map((side) => Array.from(side, (letter) => (letter === 'W' ? 'i64' : 'i32')).join(', '));
  return `(${params}) -> (${results})`;
}
