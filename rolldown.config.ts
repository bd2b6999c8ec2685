/**
 * Makes the package's JavaScript: one file a door, one a room, so that importing a door opens few files and none that it
 * does not need. Declarations are the compiler's (`src/tsconfig.json`). Tests: test/package/.
 */
import { defineConfig } from "rolldown";

/** The rooms that doors share, in the order in which they claim a file that two of them need. */
const rooms = [
  {
    name: "base",
    test: /src\/(errors|text-form|values|sql|engine\/(port|files|replica\/driver|thread\/hosts))/,
  },
  { name: "core", test: /src\/(core|diagnostics|module)/ },
  { name: "sqlite", test: /src\/engine\/sqlite/ },
  { name: "servers", test: /src\/engine\/(http|hrana|quicsql)/ },
  { name: "replica", test: /src\/engine\/replica/ },
  { name: "block", test: /src\/engine\/thread\/block(?!-host)/ },
  { name: "thread", test: /src\/engine\/thread\/(?!host|block)/ },
  { name: "sync", test: /src\/sync/ },
  { name: "promised", test: /src\/aio\// },
];

export default defineConfig({
  input: {
    index: "src/index.ts",
    aio: "src/aio.ts",
    client: "src/client.ts",
    // What runs in workers: looked for beside the file that starts it.
    host: "src/engine/thread/host.ts",
    "block-host": "src/engine/thread/block-host.ts",
  },
  platform: "node",
  external: [/^node:/, "better-sqlite3", "libsql", "synckit"],
  // No file does anything by being imported, but the two that workers start with.
  treeshake: { moduleSideEffects: false },
  output: {
    dir: "dist",
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    comments: false,
    minifyInternalExports: false,
    codeSplitting: {
      groups: rooms.map((room, at) => ({ ...room, priority: rooms.length - at })),
    },
  },
});
