/**
 * What was learnt of queries by running them: how large their results are, and by that how to ask for the next one.
 * It must not ask. Tests: test/unit/engine/hrana/grouped-choice.test.ts.
 */
import { TextCache } from "../../sql/cache.ts";
import { groupedQuery } from "../../sql/grouped.ts";
import { describeStatement, type StatementText } from "../../sql/statement.ts";
import type { Column } from "../../values/types.ts";

/** Rows from which a result is worth asking for by the group. */
export const LONG_FROM = 512;
/** Bytes and columns of a row above which it is not. */
const MOST_ROW_BYTES = 1024;
const MOST_COLUMNS = 32;
/** Milliseconds for a row above which it is not: the first row of a group waits for the last. */
const MOST_ROW_TIME = 1;

/** A query in the form that gives its rows by the group. */
export interface Grouping {
  readonly text: StatementText;
  readonly columns: readonly Column[];
}

/** What has come of a result. */
interface Come {
  readonly columns: readonly Column[];
  readonly rows: number;
  readonly bytes: number;
  /** How long the rows took, in milliseconds. */
  readonly time: number;
  /** There were no more. */
  readonly isAll: boolean;
}

interface Seen {
  /** Of the latest result, as if asked for plainly; infinite where it was not read to its end. */
  bytes: number;
  readonly columns: readonly Column[];
  /** Whether the result is long, and its rows are short and come quickly. */
  readonly isLong: boolean;
  grouping: Grouping | null;
  /** Whether a server has taken the other form, or not; null as long as it was not asked. */
  isTaken: boolean | null;
}

const NOTHING: Seen = { bytes: 0, columns: [], isLong: false, grouping: null, isTaken: null };

export class Results {
  readonly #seen = new TextCache<Seen>(512);

  /** Bytes of the latest result; undefined for a text that the server's parser has not been seen to take. */
  bytes(sql: string): number | undefined {
    return this.#seen.get(sql)?.bytes;
  }

  /** Whether the server's parser has been seen to take the text, or its other form. */
  isParsed(sql: string, isGrouped: boolean): boolean {
    const known = this.#seen.get(sql);
    return known !== undefined && (!isGrouped || known.isTaken === true);
  }

  /** Notes a result that was asked for plainly, as far as it has come. */
  note(sql: string, { columns, rows, bytes, time, isAll }: Come): void {
    const known = this.#seen.get(sql) ?? NOTHING;
    const { grouping, isTaken, isLong } = haveSameNames(known.columns, columns) ? known : NOTHING;
    const rowBytes = bytes / Math.max(rows, 1);
    const isLight =
      columns.length <= MOST_COLUMNS && rowBytes <= MOST_ROW_BYTES && time <= rows * MOST_ROW_TIME;
    this.#seen.set(sql, {
      bytes: isAll ? bytes : Number.POSITIVE_INFINITY,
      columns,
      // What was read of it may be too little to tell.
      isLong: isLight && (rows > LONG_FROM || (!isAll && isLong)),
      grouping: grouping === null ? null : { ...grouping, columns },
      isTaken,
    });
  }

  /** Notes that the result is too large to come as a whole. */
  noteLarge(sql: string): void {
    this.#seen.set(sql, { ...(this.#seen.get(sql) ?? NOTHING), bytes: Number.POSITIVE_INFINITY });
  }

  /** The other form of a query with a long result. In a transaction, which would end with a refusal, only what has been taken before. */
  grouping(sql: string, inTransaction: boolean): Grouping | null {
    const known = this.#seen.get(sql) ?? NOTHING;
    if (!known.isLong || !(known.isTaken ?? !inTransaction)) return null;
    const { columns } = known;
    known.grouping ??= { text: describeStatement(groupedQuery(sql, columns.length)), columns };
    return known.grouping;
  }

  /** Notes a result that was asked for by the group: `bytes` are as if it had been asked for plainly. */
  noteGroups(sql: string, bytes: number, isAll: boolean): void {
    const known = this.#seen.get(sql);
    if (known === undefined) return;
    known.bytes = isAll ? bytes : Number.POSITIVE_INFINITY;
    known.isTaken = true;
  }

  /** The other form does not give what the plain one does: not to be tried again as long as the columns are these. */
  refuse(sql: string): void {
    const known = this.#seen.get(sql);
    if (known !== undefined) known.isTaken = false;
  }
}

/**
 * Whether these are the columns that are known. As columns of a query within a query they are called as they are written, however
 * their table writes them, and of two of one name the second is `name:1`.
 */
export function haveSameNames(known: readonly Column[], columns: readonly Column[]): boolean {
  const names = known.map(({ name }) => name.toLowerCase());
  const isSame = ({ type }: Column, i: number) => {
    const [name = "", other = ""] = [names[i], columns[i]?.name.toLowerCase()];
    const isSecond = other.startsWith(`${name}:`) && names.indexOf(name) < i;
    return columns[i]?.type === type && (other === name || isSecond);
  };
  return known.length === columns.length && known.every(isSame);
}
