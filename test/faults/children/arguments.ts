// What a child process was started with: every argument is a line of JSON (see start() in support.ts).
export function parseArguments<T extends readonly unknown[]>(): T {
  return process.argv.slice(2).map((text): unknown => JSON.parse(text)) as unknown as T;
}
