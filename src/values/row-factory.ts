/**
 * What a row factory is, and the fast path of the built-in ones: they are compiled once for a statement, from the
 * names of its columns. Must not know cursors beyond their description. Tests: test/unit/values/rows.test.ts.
 */
import type { Description } from "./description.ts";

/** What a row factory sees of the cursor. */
export interface RowCursor {
  readonly description: Description | null;
}

/** Makes of the values of a row, in column order, what fetching gives. The array is the factory's to keep. */
export type RowFactory<T> = (cursor: RowCursor, values: unknown[]) => T;

/** A factory for the rows of one statement. */
export type RowBuilder<T> = (values: unknown[]) => T;

/** Makes the builder for columns of these names. What is wrong with them is thrown at the first row, not here. */
type RowCompiler<T> = (names: readonly string[]) => RowBuilder<T>;

const compiler = Symbol("compiler");

interface BuiltIn<T> extends RowFactory<T> {
  readonly [compiler]: RowCompiler<T>;
}

/**
 * Makes a factory that {@link compileRow} can compile. Called as it is, it compiles once for each description.
 * It is a `function`, so that `Row` can be called with `new` too.
 */
export function builtIn<T>(compile: RowCompiler<T>): RowFactory<T> {
  const builders = new WeakMap<Description, RowBuilder<T>>();
  function factory({ description }: RowCursor, values: unknown[]): T {
    if (description === null) return compile([])(values);
    let builder = builders.get(description);
    if (builder === undefined) {
      builder = compile(description.map(([name]) => name));
      builders.set(description, builder);
    }
    return builder(values);
  }
  return Object.defineProperty(factory, compiler, { value: compile });
}

function isBuiltIn<T>(factory: RowFactory<T>): factory is BuiltIn<T> {
  return compiler in factory;
}

/**
 * Makes the builder that turns the rows of one statement into what the factory gives.
 * @param names - the column names, as in the cursor's description
 */
export function compileRow<T>(
  factory: RowFactory<T>,
  cursor: RowCursor,
  names: readonly string[],
): RowBuilder<T> {
  return isBuiltIn(factory) ? factory[compiler](names) : (values) => factory(cursor, values);
}
