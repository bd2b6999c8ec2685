/**
 * BEGIN, COMMIT, ROLLBACK and savepoints, each on its condition, in one round trip; none where no step would run.
 * It must not know what they are for. Tests: test/unit/engine/hrana/engine.test.ts.
 */
import { OperationalError } from "../../errors/tree.ts";
import type { Call } from "../http/call.ts";
import type { Effect } from "../http/outcome.ts";
import type { ControlStep } from "../port.ts";
import { and, ok, statementOf } from "./batch.ts";
import { lostNow, refuseWhenLost } from "./demand.ts";
import type { Failures } from "./failures.ts";
import type { Link } from "./link.ts";

const ROLLBACK = "ROLLBACK";
const COMMIT = "COMMIT";

export class Control {
  readonly #link: Link;
  readonly #failures: Failures;

  constructor(link: Link, failures: Failures) {
    this.#link = link;
    this.#failures = failures;
  }

  /** @param show is told every statement that is sent */
  async run(steps: readonly ControlStep[], call: Call, show: (sql: string) => void): Promise<void> {
    const link = this.#link;
    if (steps[0]?.sql === ROLLBACK) link.isLost = false;
    try {
      refuseWhenLost(link);
    } finally {
      // A COMMIT that fails of it is the end of the matter too.
      if (steps.some(({ sql }) => sql === COMMIT)) link.isLost = false;
    }
    const planned = plan(steps, link.inTransaction);
    if (planned.length === 0) return;
    await link.clear(call, gone);
    for (const sql of planned) show(sql);
    const batch = link.newBatch();
    const numbers: number[] = [];
    for (const [i, sql] of planned.entries()) {
      const before = planned[i - 1];
      const previous = before === undefined || before === ROLLBACK ? null : ok(numbers[i - 1] ?? 0);
      const state = sql.startsWith("BEGIN") ? batch.inAutocommit() : i === 0 ? batch.inTransaction() : null;
      numbers.push(batch.add(statementOf(sql), and(previous, state)));
    }
    const wasOpen = link.inTransaction;
    try {
      const { steps: results, error } = await link.batch(batch, effectOf(planned), call);
      if (error !== null) throw await this.#failures.of(error, planned.join("; "), call);
      for (const [i, sql] of planned.entries()) {
        const result = results[numbers[i] ?? 0];
        // A rollback has reached its end when nothing is open any more, whoever ended it.
        if (sql === ROLLBACK && (planned.length > 1 || !link.inTransaction)) continue;
        if (result?.error) throw await this.#failures.of(result.error, sql, call);
        if (result !== null) continue;
        if (wasOpen) link.lose();
        throw lostNow();
      }
    } catch (error) {
      // Whoever sees a COMMIT fail knows.
      if (planned.includes(COMMIT)) link.isLost = false;
      if (planned[0] !== ROLLBACK || call.stopped !== null || !link.isLost) throw error;
      // The stream is gone, and what was open in it: that is a rollback too.
      link.isLost = false;
      await this.run(steps.slice(1), call, show);
    }
  }
}

/** The statements that will run, as far as one can tell: a lost transaction is noticed by what then did not. */
function plan(steps: readonly ControlStep[], inTransaction: boolean): readonly string[] {
  let isOpen = inTransaction;
  const planned: string[] = [];
  for (const { sql, when } of steps) {
    if (isOpen !== (when === "open")) continue;
    planned.push(sql);
    if (sql.startsWith("BEGIN")) isOpen = true;
    if (sql === COMMIT || sql === ROLLBACK) isOpen = false;
  }
  return planned;
}

function effectOf(planned: readonly string[]): Effect {
  if (planned.some((sql) => sql === COMMIT || sql.startsWith("RELEASE"))) return "commit";
  return planned[0]?.startsWith("BEGIN") ? "begin" : "write";
}

function gone(cause: unknown): Error {
  return new OperationalError(
    "the rows that were not read yet are gone: their transaction has ended, and they were too many to be kept",
    { cause },
  );
}
