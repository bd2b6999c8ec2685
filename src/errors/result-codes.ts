/**
 * Every result code of SQLite 3.54, primary and extended, under SQLite's own name. Numbers only: what a code means
 * for the caller is said in from-sqlite.ts, how to find one by name in codes.ts.
 * Tests: test/unit/errors/codes.test.ts compares this list with sqlite3.h.
 * @see https://sqlite.org/rescode.html
 */

/** Success. */
export const SQLITE_OK = 0;
/** An error without a code of its own: bad SQL while preparing, a failed function while running. */
export const SQLITE_ERROR = 1;
/** A state that SQLite should never be in. */
export const SQLITE_INTERNAL = 2;
/** The access that was asked for is not permitted. */
export const SQLITE_PERM = 3;
/** The operation was given up before it was done. */
export const SQLITE_ABORT = 4;
/** Another connection holds a lock on the file. */
export const SQLITE_BUSY = 5;
/** A conflict inside this connection, or with one that shares its cache. */
export const SQLITE_LOCKED = 6;
/** No memory. */
export const SQLITE_NOMEM = 7;
/** A write to what cannot be written. */
export const SQLITE_READONLY = 8;
/** Someone asked for an end. */
export const SQLITE_INTERRUPT = 9;
/** The operating system reported a failed read or write. */
export const SQLITE_IOERR = 10;
/** The file is damaged. */
export const SQLITE_CORRUPT = 11;
/** An unknown file control or system call. */
export const SQLITE_NOTFOUND = 12;
/** No room on the disk, or the largest page count is reached. */
export const SQLITE_FULL = 13;
/** The file cannot be opened. */
export const SQLITE_CANTOPEN = 14;
/** A race for a lock that was lost too many times. */
export const SQLITE_PROTOCOL = 15;
/** Not used today. */
export const SQLITE_EMPTY = 16;
/** The schema has changed again and again while a statement was prepared. */
export const SQLITE_SCHEMA = 17;
/** A string or BLOB is past the limit. */
export const SQLITE_TOOBIG = 18;
/** A constraint said no. */
export const SQLITE_CONSTRAINT = 19;
/** A value of a kind that the column cannot take. */
export const SQLITE_MISMATCH = 20;
/** SQLite was called in a wrong way. */
export const SQLITE_MISUSE = 21;
/** The file is larger than the system can handle. */
export const SQLITE_NOLFS = 22;
/** An authorizer said no. */
export const SQLITE_AUTH = 23;
/** Not used today. */
export const SQLITE_FORMAT = 24;
/** A parameter or column number out of range. */
export const SQLITE_RANGE = 25;
/** The file is not a database. */
export const SQLITE_NOTADB = 26;
/** A note for the log. */
export const SQLITE_NOTICE = 27;
/** A warning for the log. */
export const SQLITE_WARNING = 28;
/** A row is ready. */
export const SQLITE_ROW = 100;
/** The statement has ended. */
export const SQLITE_DONE = 101;
/** @see https://sqlite.org/rescode.html#error_missing_collseq */
export const SQLITE_ERROR_MISSING_COLLSEQ = 257;
/** @see https://sqlite.org/rescode.html#error_retry */
export const SQLITE_ERROR_RETRY = 513;
/** @see https://sqlite.org/rescode.html#error_snapshot */
export const SQLITE_ERROR_SNAPSHOT = 769;
/** @see https://sqlite.org/rescode.html#error_reservesize */
export const SQLITE_ERROR_RESERVESIZE = 1025;
/** @see https://sqlite.org/rescode.html#error_key */
export const SQLITE_ERROR_KEY = 1281;
/** @see https://sqlite.org/rescode.html#error_unable */
export const SQLITE_ERROR_UNABLE = 1537;
/** @see https://sqlite.org/rescode.html#ioerr_read */
export const SQLITE_IOERR_READ = 266;
/** @see https://sqlite.org/rescode.html#ioerr_short_read */
export const SQLITE_IOERR_SHORT_READ = 522;
/** @see https://sqlite.org/rescode.html#ioerr_write */
export const SQLITE_IOERR_WRITE = 778;
/** @see https://sqlite.org/rescode.html#ioerr_fsync */
export const SQLITE_IOERR_FSYNC = 1034;
/** @see https://sqlite.org/rescode.html#ioerr_dir_fsync */
export const SQLITE_IOERR_DIR_FSYNC = 1290;
/** @see https://sqlite.org/rescode.html#ioerr_truncate */
export const SQLITE_IOERR_TRUNCATE = 1546;
/** @see https://sqlite.org/rescode.html#ioerr_fstat */
export const SQLITE_IOERR_FSTAT = 1802;
/** @see https://sqlite.org/rescode.html#ioerr_unlock */
export const SQLITE_IOERR_UNLOCK = 2058;
/** @see https://sqlite.org/rescode.html#ioerr_rdlock */
export const SQLITE_IOERR_RDLOCK = 2314;
/** @see https://sqlite.org/rescode.html#ioerr_delete */
export const SQLITE_IOERR_DELETE = 2570;
/** @see https://sqlite.org/rescode.html#ioerr_blocked */
export const SQLITE_IOERR_BLOCKED = 2826;
/** @see https://sqlite.org/rescode.html#ioerr_nomem */
export const SQLITE_IOERR_NOMEM = 3082;
/** @see https://sqlite.org/rescode.html#ioerr_access */
export const SQLITE_IOERR_ACCESS = 3338;
/** @see https://sqlite.org/rescode.html#ioerr_checkreservedlock */
export const SQLITE_IOERR_CHECKRESERVEDLOCK = 3594;
/** @see https://sqlite.org/rescode.html#ioerr_lock */
export const SQLITE_IOERR_LOCK = 3850;
/** @see https://sqlite.org/rescode.html#ioerr_close */
export const SQLITE_IOERR_CLOSE = 4106;
/** @see https://sqlite.org/rescode.html#ioerr_dir_close */
export const SQLITE_IOERR_DIR_CLOSE = 4362;
/** @see https://sqlite.org/rescode.html#ioerr_shmopen */
export const SQLITE_IOERR_SHMOPEN = 4618;
/** @see https://sqlite.org/rescode.html#ioerr_shmsize */
export const SQLITE_IOERR_SHMSIZE = 4874;
/** @see https://sqlite.org/rescode.html#ioerr_shmlock */
export const SQLITE_IOERR_SHMLOCK = 5130;
/** @see https://sqlite.org/rescode.html#ioerr_shmmap */
export const SQLITE_IOERR_SHMMAP = 5386;
/** @see https://sqlite.org/rescode.html#ioerr_seek */
export const SQLITE_IOERR_SEEK = 5642;
/** @see https://sqlite.org/rescode.html#ioerr_delete_noent */
export const SQLITE_IOERR_DELETE_NOENT = 5898;
/** @see https://sqlite.org/rescode.html#ioerr_mmap */
export const SQLITE_IOERR_MMAP = 6154;
/** @see https://sqlite.org/rescode.html#ioerr_gettemppath */
export const SQLITE_IOERR_GETTEMPPATH = 6410;
/** @see https://sqlite.org/rescode.html#ioerr_convpath */
export const SQLITE_IOERR_CONVPATH = 6666;
/** @see https://sqlite.org/rescode.html#ioerr_vnode */
export const SQLITE_IOERR_VNODE = 6922;
/** @see https://sqlite.org/rescode.html#ioerr_auth */
export const SQLITE_IOERR_AUTH = 7178;
/** @see https://sqlite.org/rescode.html#ioerr_begin_atomic */
export const SQLITE_IOERR_BEGIN_ATOMIC = 7434;
/** @see https://sqlite.org/rescode.html#ioerr_commit_atomic */
export const SQLITE_IOERR_COMMIT_ATOMIC = 7690;
/** @see https://sqlite.org/rescode.html#ioerr_rollback_atomic */
export const SQLITE_IOERR_ROLLBACK_ATOMIC = 7946;
/** @see https://sqlite.org/rescode.html#ioerr_data */
export const SQLITE_IOERR_DATA = 8202;
/** @see https://sqlite.org/rescode.html#ioerr_corruptfs */
export const SQLITE_IOERR_CORRUPTFS = 8458;
/** @see https://sqlite.org/rescode.html#ioerr_in_page */
export const SQLITE_IOERR_IN_PAGE = 8714;
/** @see https://sqlite.org/rescode.html#ioerr_badkey */
export const SQLITE_IOERR_BADKEY = 8970;
/** @see https://sqlite.org/rescode.html#ioerr_codec */
export const SQLITE_IOERR_CODEC = 9226;
/** @see https://sqlite.org/rescode.html#locked_sharedcache */
export const SQLITE_LOCKED_SHAREDCACHE = 262;
/** @see https://sqlite.org/rescode.html#locked_vtab */
export const SQLITE_LOCKED_VTAB = 518;
/** @see https://sqlite.org/rescode.html#busy_recovery */
export const SQLITE_BUSY_RECOVERY = 261;
/** @see https://sqlite.org/rescode.html#busy_snapshot */
export const SQLITE_BUSY_SNAPSHOT = 517;
/** @see https://sqlite.org/rescode.html#busy_timeout */
export const SQLITE_BUSY_TIMEOUT = 773;
/** @see https://sqlite.org/rescode.html#cantopen_notempdir */
export const SQLITE_CANTOPEN_NOTEMPDIR = 270;
/** @see https://sqlite.org/rescode.html#cantopen_isdir */
export const SQLITE_CANTOPEN_ISDIR = 526;
/** @see https://sqlite.org/rescode.html#cantopen_fullpath */
export const SQLITE_CANTOPEN_FULLPATH = 782;
/** @see https://sqlite.org/rescode.html#cantopen_convpath */
export const SQLITE_CANTOPEN_CONVPATH = 1038;
/** @see https://sqlite.org/rescode.html#cantopen_dirtywal */
export const SQLITE_CANTOPEN_DIRTYWAL = 1294;
/** @see https://sqlite.org/rescode.html#cantopen_symlink */
export const SQLITE_CANTOPEN_SYMLINK = 1550;
/** @see https://sqlite.org/rescode.html#corrupt_vtab */
export const SQLITE_CORRUPT_VTAB = 267;
/** @see https://sqlite.org/rescode.html#corrupt_sequence */
export const SQLITE_CORRUPT_SEQUENCE = 523;
/** @see https://sqlite.org/rescode.html#corrupt_index */
export const SQLITE_CORRUPT_INDEX = 779;
/** @see https://sqlite.org/rescode.html#readonly_recovery */
export const SQLITE_READONLY_RECOVERY = 264;
/** @see https://sqlite.org/rescode.html#readonly_cantlock */
export const SQLITE_READONLY_CANTLOCK = 520;
/** @see https://sqlite.org/rescode.html#readonly_rollback */
export const SQLITE_READONLY_ROLLBACK = 776;
/** @see https://sqlite.org/rescode.html#readonly_dbmoved */
export const SQLITE_READONLY_DBMOVED = 1032;
/** @see https://sqlite.org/rescode.html#readonly_cantinit */
export const SQLITE_READONLY_CANTINIT = 1288;
/** @see https://sqlite.org/rescode.html#readonly_directory */
export const SQLITE_READONLY_DIRECTORY = 1544;
/** @see https://sqlite.org/rescode.html#abort_rollback */
export const SQLITE_ABORT_ROLLBACK = 516;
/** @see https://sqlite.org/rescode.html#constraint_check */
export const SQLITE_CONSTRAINT_CHECK = 275;
/** @see https://sqlite.org/rescode.html#constraint_commithook */
export const SQLITE_CONSTRAINT_COMMITHOOK = 531;
/** @see https://sqlite.org/rescode.html#constraint_foreignkey */
export const SQLITE_CONSTRAINT_FOREIGNKEY = 787;
/** @see https://sqlite.org/rescode.html#constraint_function */
export const SQLITE_CONSTRAINT_FUNCTION = 1043;
/** @see https://sqlite.org/rescode.html#constraint_notnull */
export const SQLITE_CONSTRAINT_NOTNULL = 1299;
/** @see https://sqlite.org/rescode.html#constraint_primarykey */
export const SQLITE_CONSTRAINT_PRIMARYKEY = 1555;
/** @see https://sqlite.org/rescode.html#constraint_trigger */
export const SQLITE_CONSTRAINT_TRIGGER = 1811;
/** @see https://sqlite.org/rescode.html#constraint_unique */
export const SQLITE_CONSTRAINT_UNIQUE = 2067;
/** @see https://sqlite.org/rescode.html#constraint_vtab */
export const SQLITE_CONSTRAINT_VTAB = 2323;
/** @see https://sqlite.org/rescode.html#constraint_rowid */
export const SQLITE_CONSTRAINT_ROWID = 2579;
/** @see https://sqlite.org/rescode.html#constraint_pinned */
export const SQLITE_CONSTRAINT_PINNED = 2835;
/** @see https://sqlite.org/rescode.html#constraint_datatype */
export const SQLITE_CONSTRAINT_DATATYPE = 3091;
/** @see https://sqlite.org/rescode.html#notice_recover_wal */
export const SQLITE_NOTICE_RECOVER_WAL = 283;
/** @see https://sqlite.org/rescode.html#notice_recover_rollback */
export const SQLITE_NOTICE_RECOVER_ROLLBACK = 539;
/** @see https://sqlite.org/rescode.html#notice_rbu */
export const SQLITE_NOTICE_RBU = 795;
/** @see https://sqlite.org/rescode.html#warning_autoindex */
export const SQLITE_WARNING_AUTOINDEX = 284;
/** @see https://sqlite.org/rescode.html#auth_user */
export const SQLITE_AUTH_USER = 279;
/** @see https://sqlite.org/rescode.html#ok_load_permanently */
export const SQLITE_OK_LOAD_PERMANENTLY = 256;
/** @see https://sqlite.org/rescode.html#ok_symlink */
export const SQLITE_OK_SYMLINK = 512;
