/**
 * Where the bench keeps what takes long to make and can be made again.
 */
export const cache = new URL("../../node_modules/.cache/sqlite-dbapi-bench/", import.meta.url);
