/**
 * The law of docs/design/HOUSE.md, "The law": which room of src/ may import which. Reads import lines, runs
 * nothing. Type-only imports obey the law too; only the ban on cycles spares them, inside a room.
 */
import { globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { cycles, type Graph, type Import, importsOf, type Kind, logicIn } from "./architecture/imports.ts";

/** One room. It may always import itself. */
interface Room {
  readonly name: string;
  readonly files: RegExp;
  /** Rooms it may import. */
  readonly rooms: readonly string[];
  /** Packages and Node modules it may import; `true` for any. */
  readonly outside?: readonly string[] | true;
  /** Only `import type`. */
  readonly typesOnly?: boolean;
  /** Single files that may reach further, and in which manner. */
  readonly doors?: readonly {
    readonly file: string;
    readonly rooms: readonly string[];
    readonly kind?: Kind;
  }[];
}

const faces = ["core", "engine/port", "errors", "values", "diagnostics"];
/** What the doors show besides their faces. */
const shown = ["core", "sql", "errors", "values", "diagnostics", "engine/port"];
const engines = [
  "engine/files",
  "engine/sqlite",
  "engine/hrana",
  "engine/quicsql",
  "engine/replica",
  "engine/thread",
];

/** The first room whose pattern fits a file is its room. */
const law: readonly Room[] = [
  { name: "text form", files: /^src\/text-form\.ts$/, rooms: [], outside: ["node:v8"] },
  { name: "errors", files: /^src\/errors\//, rooms: [] },
  { name: "values", files: /^src\/values\//, rooms: ["errors", "text form"] },
  { name: "sql", files: /^src\/sql\//, rooms: ["errors"] },
  { name: "engine/port", files: /^src\/engine\/port\.ts$/, rooms: ["values"], typesOnly: true },
  {
    name: "engine/sqlite",
    files: /^src\/engine\/sqlite\//,
    rooms: ["engine/port", "errors", "values", "sql", "text form"],
    // node:fs to ask about a file, never to open one: closing it would drop SQLite's locks on it.
    outside: ["node:module", "node:path", "node:fs", "node:timers/promises", "better-sqlite3"],
  },
  {
    // What the engines of servers stand on: HTTP, its limits and secrets, and servers' words.
    name: "engine/http",
    files: /^src\/engine\/http\//,
    rooms: ["engine/port", "errors", "values", "sql"],
    outside: ["node:http", "node:https", "node:net", "node:stream", "node:zlib"],
  },
  {
    name: "engine/hrana",
    files: /^src\/engine\/hrana\//,
    rooms: ["engine/http", "engine/port", "errors", "values", "sql"],
    outside: ["node:http", "node:https", "node:net", "node:crypto"],
  },
  {
    name: "engine/quicsql",
    files: /^src\/engine\/quicsql\//,
    rooms: ["engine/http", "engine/port", "errors", "values", "sql"],
  },
  {
    name: "engine/replica",
    files: /^src\/engine\/replica\//,
    rooms: ["engine/http", "engine/port", "errors", "values", "sql"],
    // node:v8 and node:vm to have libsql's files closed, which takes a garbage collection.
    outside: ["node:module", "node:path", "node:timers/promises", "node:v8", "node:vm", "libsql"],
  },
  {
    // Who has which file. It asks about files and never opens one.
    name: "engine/files",
    files: /^src\/engine\/files\.ts$/,
    rooms: ["errors"],
    outside: ["node:fs", "node:path"],
  },
  {
    name: "engine/thread",
    files: /^src\/engine\/thread\//,
    rooms: ["engine/port", "errors", "values"],
    // node:module to load synckit only when a remote database is opened.
    outside: ["node:worker_threads", "node:module", "node:url", "synckit"],
    doors: [
      { file: "src/engine/thread/host.ts", rooms: ["engine/sqlite", "engine/replica"], kind: "dynamic" },
      {
        file: "src/engine/thread/block-host.ts",
        rooms: ["engine/hrana", "engine/quicsql", "engine/replica"],
        kind: "dynamic",
      },
    ],
  },
  {
    name: "diagnostics",
    files: /^src\/diagnostics\.ts$/,
    rooms: [],
    outside: ["node:diagnostics_channel"],
  },
  { name: "core", files: /^src\/core\//, rooms: ["errors", "values", "sql", "engine/port", "text form"] },
  {
    name: "sync",
    files: /^src\/sync\//,
    rooms: faces,
    doors: [{ file: "src/sync/connect.ts", rooms: engines }],
  },
  {
    name: "aio",
    files: /^src\/aio\//,
    rooms: faces,
    // node:os tells the pool how many readers make sense.
    outside: ["node:async_hooks", "node:os", "node:timers/promises"],
    doors: [{ file: "src/aio/connect.ts", rooms: engines }],
  },
  { name: "module", files: /^src\/module\.ts$/, rooms: shown },
  { name: "index", files: /^src\/index\.ts$/, rooms: ["sync", "module"] },
  { name: "aio door", files: /^src\/aio\.ts$/, rooms: ["aio", "module"] },
  { name: "client", files: /^src\/client\//, rooms: ["index", "aio door"] },
  { name: "client door", files: /^src\/client\.ts$/, rooms: ["client"] },
  { name: "dialects", files: /^src\/dialects\//, rooms: ["index", "aio door"], outside: true },
  { name: "cli", files: /^src\/cli\//, rooms: ["index", "aio door"], outside: true },
];

const roomOf = (file: string): Room | undefined => law.find((room) => room.files.test(file));

/** The rooms and outside names of `room` in words: `errors, values`, or `nothing`. */
function allowance(room: Room): string {
  const outside = room.outside === true ? ["any package"] : (room.outside ?? []);
  const names = [...room.rooms, ...outside];
  return `${room.typesOnly ? "only types of " : ""}${names.length === 0 ? "nothing" : names.join(", ")}`;
}

function isLawful(room: Room, target: string, { from, kind }: Import): boolean {
  const inside = roomOf(target);
  if (inside === undefined) {
    return !target.startsWith("src/") && (room.outside === true || (room.outside ?? []).includes(target));
  }
  const door = room.doors?.find((one) => one.file === from && one.rooms.includes(inside.name));
  if (door !== undefined && (door.kind === undefined || door.kind === kind)) return true;
  if (inside !== room && !room.rooms.includes(inside.name)) return false;
  return !room.typesOnly || kind === "types";
}

/** What breaks the law, one sentence each. */
function violations(graph: Graph): string[] {
  const lost = graph.files.filter((file) => roomOf(file) === undefined);
  const unlawful = graph.imports.flatMap((one) => {
    const room = roomOf(one.from);
    if (room === undefined || isLawful(room, one.to, one)) return [];
    return [`${one.from} imports ${one.to}: ${room.name} may import ${allowance(room)}`];
  });
  return [...lost.map((file) => `${file} is in no room`), ...unlawful];
}

const top = join(dirname(fileURLToPath(import.meta.url)), "..");
const texts = new Map(
  readdirSync(join(top, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => posix.join("src", name.replaceAll("\\", "/")))
    .map((file) => [file, readFileSync(join(top, file), "utf8")] as const),
);
const house: Graph = {
  files: [...texts.keys()],
  imports: [...texts].flatMap(([file, text]) => importsOf(file, text)),
};

describe("the house", () => {
  const broken = violations(house);

  it.each(law.map((room) => [room.name, allowance(room), room] as const))("%s imports %s", (_, __, room) => {
    expect(broken.filter((sentence) => roomOf(sentence.split(" ", 1)[0] ?? "") === room)).toEqual([]);
  });

  it("has a room for every file", () => {
    expect(broken.filter((sentence) => sentence.endsWith("is in no room"))).toEqual([]);
  });

  it("has no import cycle", () => {
    expect(cycles(house)).toEqual([]);
  });

  it("keeps every file within 300 lines", () => {
    const long = [...texts].map(([file, text]) => ({ file, lines: text.trimEnd().split("\n").length }));
    expect(long.filter(({ lines }) => lines > 300)).toEqual([]);
  });

  it("names only tests that there are, where a file says which are its own", () => {
    const named = [...texts].flatMap(([file, text]) =>
      [...text.matchAll(/\btest\/[\w./*-]+\.test(?:-d)?\.ts/g)].map(([test]) => ({ file, test })),
    );
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter(({ test }) => globSync(test, { cwd: top }).length === 0)).toEqual([]);
  });

  it("has no logic in its front door", () => {
    expect(logicIn(texts.get("src/index.ts") ?? "")).toEqual([]);
  });
});

describe("the reader of the law", () => {
  const judge = (file: string, text: string): string[] =>
    violations({ files: [file], imports: importsOf(file, text) });

  it("names the file, the import and what is allowed", () => {
    expect(judge("src/values/adapt.ts", 'import { quote } from "../sql/quote.ts";')).toEqual([
      "src/values/adapt.ts imports src/sql/quote.ts: values may import errors, text form",
    ]);
  });

  it.each([
    ["src/errors/tree.ts", 'import "../values/types.ts";'],
    ["src/values/rows.ts", 'export { inspect } from "node:util";'],
    ["src/engine/port.ts", 'import { adapt } from "../values/adapt.ts";'],
    ["src/engine/sqlite/open.ts", 'const http = await import("node:http");'],
    ["src/engine/sqlite/open.ts", 'import type { Session } from "../../core/session.ts";'],
    ["src/engine/thread/host.ts", 'import { open } from "../sqlite/open.ts";'],
    ["src/core/session.ts", 'type Open = typeof import("../engine/sqlite/open.ts");'],
    ["src/sync/cursor.ts", 'import { open } from "../engine/sqlite/open.ts";'],
    ["src/sync/cursor.ts", 'const addon = require("better-sqlite3");'],
    ["src/sync/cursor.ts", 'const http = process.getBuiltinModule("node:http");'],
    ["src/sync/cursor.ts", 'import manifest from "../../package.json";'],
    ["src/client/batch.ts", 'export * from "../sync/cursor.ts";'],
    ["src/attic.ts", ""],
  ])("finds the fault in %s: %s", (file, text) => {
    expect(judge(file, text)).toHaveLength(1);
  });

  it.each([
    ["src/engine/port.ts", 'import type { Column } from "../values/types.ts";'],
    ["src/engine/sqlite/addon.ts", 'const addon = require("better-sqlite3");'],
    ["src/engine/thread/host.ts", 'const engine = await import("../sqlite/open.ts");'],
    ["src/sync/connect.ts", 'import { open } from "../engine/sqlite/open.ts";'],
    ["src/sync/cursor.ts", 'import { Connection } from "./connection.ts";'],
  ])("lets %s say %s", (file, text) => {
    expect(judge(file, text)).toEqual([]);
  });

  it("sees a circle of imports, unless it is one of types", () => {
    const graph = (kind: Kind): Graph => ({
      files: [],
      imports: [
        { from: "a.ts", to: "b.ts", kind: "static" },
        { from: "b.ts", to: "c.ts", kind: "dynamic" },
        { from: "c.ts", to: "b.ts", kind },
      ],
    });
    expect(cycles(graph("static"))).toEqual(["b.ts -> c.ts -> b.ts"]);
    expect(cycles(graph("types"))).toEqual([]);
  });

  it("allows rooms to import only what stands below them", () => {
    const imports = law.flatMap((room) =>
      room.rooms.map((to) => ({ from: room.name, to, kind: "static" as const })),
    );
    expect(cycles({ files: [], imports })).toEqual([]);
  });

  it("tells logic from doorwork", () => {
    expect(
      logicIn('export { a } from "./a.ts";\nexport const level = "2.0";\nexport const one = -1 as const;'),
    ).toEqual([]);
    expect(logicIn("export const now = Date.now();")).toEqual(["export const now = Date.now();"]);
    expect(logicIn("export function f() {}\nlet x = 1;")).toEqual(["export function f() {}", "let x = 1;"]);
  });
});
