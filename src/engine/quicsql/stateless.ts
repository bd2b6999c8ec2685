/**
 * What it means that no transaction outlives a call: what is refused, and what a script may say of transactions all the same.
 * Tests: test/unit/engine/quicsql/stateless.test.ts, test/conformance/quicsql.test.ts.
 */
import { NotSupportedError } from "../../errors/tree.ts";
import { describeStatement, type StatementKind, type StatementText } from "../../sql/statement.ts";
import type { ScriptRequest, TransactionDemand } from "../port.ts";

const CONTROLS: ReadonlySet<StatementKind> = new Set(["begin", "commit", "rollback", "savepoint", "release"]);

/** @throws {NotSupportedError} for a statement that begins or ends a transaction, or one that has to be in one */
export function refuseTransaction(text: StatementText | null, { begin, guard }: TransactionDemand): void {
  if (begin !== null || guard || (text !== null && CONTROLS.has(text.kind))) throw refusal();
}

function refusal(): NotSupportedError {
  return new NotSupportedError(
    "quicSQL's JSON API has no transactions of more than one call: executemany() and executescript() are one each; for BEGIN, " +
      "commit() and transaction() open the same database with http:// or https:// in the place of quicsql:// or quicsqls://",
  );
}

/**
 * The statements of a script. One that begins with BEGIN and ends with COMMIT says what is true of it anyway, so the two are left
 * out; `first` is the number of the first that stays.
 * @throws {NotSupportedError} for transactions inside of it
 */
export function scriptStatements(request: ScriptRequest): {
  readonly texts: readonly StatementText[];
  readonly first: number;
} {
  const texts = request.parts.map(({ sql }) => describeStatement(sql));
  const isWrapped = texts.length > 1 && texts[0]?.kind === "begin" && texts.at(-1)?.kind === "commit";
  const inside = isWrapped ? texts.slice(1, -1) : texts;
  for (const text of inside) refuseTransaction(text, request);
  return { texts: inside, first: isWrapped ? 1 : 0 };
}
