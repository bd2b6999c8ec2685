/**
 * The name of a database: a path, a `file:` URI, a server's URL, or one of SQLite's two special names.
 * Reads names only; it must not touch the file system. Tests: test/unit/core/location.test.ts.
 * @see https://www.sqlite.org/uri.html
 */
import { InterfaceError, NotSupportedError, ProgrammingError } from "../errors/tree.ts";

/** A database that an embedded engine can open. */
export interface Location {
  /** A path, `":memory:"`, or `""` for a private temporary file. */
  readonly path: string;
  readonly readonly: boolean;
  readonly fileMustExist: boolean;
}

const SERVER_SCHEMES = new Set(["libsql:", "http:", "https:", "ws:", "wss:", "quicsql:", "quicsqls:"]);
const MODES = ["ro", "rw", "rwc", "memory"] as const;

/**
 * @throws {InterfaceError} for a name of the wrong type, or a URI that says what we do not know
 * @throws {ProgrammingError} for a name with a NUL
 * @throws {NotSupportedError} for a server's URL, which is no location of a file, and for what the engine cannot do
 */
export function parseLocation(database: string | URL): Location {
  const name = database instanceof URL ? database.href : database;
  if (typeof name !== "string") {
    throw new InterfaceError(`database must be a path, a URL or ":memory:", not ${describe(database)}`);
  }
  if (name.includes("\0")) throw new ProgrammingError("the database name contains a null character");
  if (!name.isWellFormed()) throw new InterfaceError("the database name contains a lone surrogate");
  const scheme = /^([a-z][a-z+.-]+:)/i.exec(name)?.[1]?.toLowerCase() ?? "";
  if (scheme === "file:") return parseFileUri(name);
  if (SERVER_SCHEMES.has(scheme)) {
    throw new NotSupportedError(`expected a path or a file: URI, not the URL of a server (${scheme})`);
  }
  if (scheme !== "" && name.startsWith("//", scheme.length)) {
    throw new InterfaceError(
      `unknown database URL scheme '${scheme}': expected a path, file:, libsql:, http(s):, ws(s): or quicsql(s):`,
    );
  }
  return { path: name, readonly: false, fileMustExist: false };
}

function describe(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
}

function parseFileUri(uri: string): Location {
  const [beforeFragment = ""] = uri.slice("file:".length).split("#", 1);
  const question = beforeFragment.indexOf("?");
  const path = filePath(question < 0 ? beforeFragment : beforeFragment.slice(0, question));
  const query = question < 0 ? "" : beforeFragment.slice(question + 1);
  let location: Location = { path, readonly: false, fileMustExist: false };
  for (const part of query.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const key = decode(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? "" : decode(part.slice(equals + 1));
    location = withParameter(location, key, value);
  }
  return location;
}

function filePath(encoded: string): string {
  if (!encoded.startsWith("//")) return decode(encoded);
  const slash = encoded.indexOf("/", 2);
  const authority = slash < 0 ? encoded.slice(2) : encoded.slice(2, slash);
  if (authority !== "" && authority.toLowerCase() !== "localhost") {
    throw new InterfaceError(
      `a file: URI names no host, but this one names '${authority}': write file:${authority}… for a relative ` +
        "path or file:///… for an absolute one",
    );
  }
  const path = decode(slash < 0 ? "" : encoded.slice(slash));
  // file:///C:/a.db is C:/a.db
  return /^\/[a-z]:\//i.test(path) ? path.slice(1) : path;
}

function withParameter(location: Location, key: string, value: string): Location {
  switch (key) {
    case "mode":
      return withMode(location, value);
    case "immutable":
      if (isOff(value)) return location;
      throw new NotSupportedError("better-sqlite3 cannot open a file as immutable: use mode=ro");
    case "cache":
      if (value === "private") return location;
      throw new NotSupportedError("better-sqlite3 is built without SQLite's shared cache: use cache=private");
    default:
      throw new InterfaceError(
        `unknown parameter '${key}' in a file: URI: expected mode, immutable or cache`,
      );
  }
}

function withMode(location: Location, mode: string): Location {
  switch (mode as (typeof MODES)[number]) {
    case "ro":
      return { ...location, readonly: true, fileMustExist: true };
    case "rw":
      return { ...location, readonly: false, fileMustExist: true };
    case "rwc":
      return { ...location, readonly: false, fileMustExist: false };
    case "memory":
      return { ...location, path: ":memory:" };
    default:
      throw new InterfaceError(`unknown mode '${mode}' in a file: URI: expected ${MODES.join(", ")}`);
  }
}

function isOff(value: string): boolean {
  return ["0", "no", "off", "false"].includes(value.toLowerCase());
}

/** Percent-decodes once. */
function decode(text: string): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch (cause) {
    throw new InterfaceError("a file: URI is not percent-encoded UTF-8", { cause });
  }
  if (decoded.includes("\0")) throw new ProgrammingError("the database name contains a null character");
  return decoded;
}
