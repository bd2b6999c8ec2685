/**
 * Writes a value the way the documentation writes it: `["Ada", 36]`, `{ id: 1 }`, `5n`, `<Buffer 00 ff>`,
 * `Date 2026-01-02T00:00:00.000Z`, `City { name: "Paris" }`, `IntegrityError: UNIQUE constraint failed: t.a`.
 * Runs in the page's process, under Node's type stripping.
 */

/** The text that a `// ->` comment must have for this value. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "function") return `[Function ${value.name}]`;
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (Buffer.isBuffer(value)) return `<${["Buffer", ...value.toString("hex").matchAll(/../g)].join(" ")}>`;
  if (value instanceof Date) return `Date ${value.toISOString()}`;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return showObject(value);
}

function showObject(value: object): string {
  const fields = "toObject" in value && typeof value.toObject === "function" ? value.toObject() : value;
  const entries = Object.entries(fields).map(([key, field]) => `${showKey(key)}: ${show(field)}`);
  const text = entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return text;
  return `${value.constructor.name} ${text}`;
}

function showKey(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}
