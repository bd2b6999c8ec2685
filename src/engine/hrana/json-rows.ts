/**
 * Rows of an INSERT as one value, a JSON text that SQLite itself takes apart: a server spends less on that than on binding
 * each value, sqld a third. Only what certainly comes out as it went in goes this way.
 * It must not know when that is allowed (see bulk-plan.ts). Tests: test/unit/engine/hrana/json-rows.test.ts.
 * @see https://www.sqlite.org/json1.html#jeach
 */
import type { PlainInsert } from "../../sql/insert.ts";
import { Scanner } from "../../sql/tokenizer.ts";
import { isInteger } from "../../values/integers.ts";
import type { BoundValue } from "../../values/types.ts";

/** SQLite looks for a value from the beginning of its row. */
const MOST_WIDTH = 32;
/** Beyond these SQLite's own reading of decimals gets less exact. */
const [SMALLEST, LARGEST] = [1e-290, 1e290];

/** Whether rows of this INSERT can go so, as far as its text tells. */
export function fitsJson({ width }: PlainInsert): boolean {
  return width > 0 && width <= MOST_WIDTH;
}

/** The INSERT that takes its rows out of its one parameter, in their order. */
export function insertFromJson({ head, tuple }: PlainInsert): string {
  const scanner = new Scanner(tuple);
  let columns = "";
  let number = 0;
  let copied = 1;
  while (scanner.nextSignificant()) {
    if (scanner.kind !== "parameter") continue;
    columns += `${tuple.slice(copied, scanner.start)}r.value->>${number++}`;
    copied = scanner.end;
  }
  columns += tuple.slice(copied, -1);
  return `${head.slice(0, -"VALUES".length)}SELECT ${columns} FROM json_each(?) AS r`;
}

/** `count` rows, from value `start` on; null where a value would not come out as it went in. */
export function rowsAsJson(
  values: readonly BoundValue[],
  width: number,
  start: number,
  count: number,
): string | null {
  let json = "[";
  for (let row = 0; row < count; row++) {
    json += row === 0 ? "[" : ",[";
    for (let column = 0; column < width; column++) {
      const text = valueAsJson(values[start + row * width + column] ?? null);
      if (text === null) return null;
      json += column === 0 ? text : `,${text}`;
    }
    json += "]";
  }
  return `${json}]`;
}

function valueAsJson(value: BoundValue): string | null {
  switch (typeof value) {
    case "bigint":
      return String(value);
    case "string":
      // SQLite ends a text there.
      return value.includes("\0") ? null : JSON.stringify(value);
    case "number":
      return isInteger(value) ? String(value) : floatAsJson(value);
    default:
      return value === null ? "null" : null;
  }
}

/**
 * With 18 digits, which SQLite reads all: so near to the number that no rounding on the way leads to its neighbour, as it can
 * with the shortest text that means the number.
 */
function floatAsJson(value: number): string | null {
  const size = Math.abs(value);
  if (!(size >= SMALLEST && size <= LARGEST)) return null;
  const text = value.toPrecision(18);
  return text.includes(".") ? text : `${text}.0`;
}
