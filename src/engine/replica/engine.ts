/**
 * The port on an embedded replica: queries outside of a transaction are answered by the file, everything else by the primary.
 * What has been written is brought in before the next query looks at the file. It lives in a worker, since libsql answers at
 * its leisure; it must not know threads, nor how the primary is reached. Tests: test/conformance/replica.test.ts.
 */
import { NotSupportedError, type Outcome, ProgrammingError } from "../../errors/tree.ts";
import { TextCache } from "../../sql/cache.ts";
import { describeStatement, type StatementText } from "../../sql/statement.ts";
import { expand } from "../http/trace.ts";
import type * as port from "../port.ts";
import type { PeerFile, PeerReplicator } from "./driver.ts";
import { syncFailure } from "./failure.ts";
import { ReplicaReader } from "./reader.ts";
import { letGo } from "./release.ts";
import { isLocal } from "./route.ts";

/** What the engine is called. */
const NAME = "embedded replica";
/** Texts whose description is kept. */
const KNOWN_TEXTS = 512;
/** A primary that has answered so recently, in milliseconds, need not be asked whether it is there. */
const RECENTLY = 500;

/** What neither the file nor the primary has, by the port's method. */
const LACKING = {
  defineFunction: "createFunction() would have to be called by the primary",
  defineAggregate: "createAggregate() and createWindowFunction() would have to be called by the primary",
  loadExtension: "loadExtension() is the primary's own business",
  serialize: "serialize() is not in libsql",
  deserialize: "deserialize() would part it from its primary",
  backup: "backup() is not in libsql",
} as const;

/** What a replica is made of. */
export interface Parts {
  readonly replicator: PeerReplicator;
  readonly file: PeerFile;
  readonly primary: port.Engine;
  /** Absolute. */
  readonly path: string;
  readonly cachedStatements: number;
  readonly hasBackground: boolean;
  /** What must not be shown. */
  readonly secrets: readonly string[];
}

/** Whether a failure says that nothing has been committed: it did not run, did not compile, or has been undone. */
function hasDoneNothing(error: unknown): boolean {
  if (error instanceof ProgrammingError || error instanceof NotSupportedError) return true;
  const { outcome } = error as { readonly outcome?: Outcome };
  return outcome === "not-executed" || outcome === "rolled-back";
}

export class ReplicaEngine implements port.Engine {
  readonly name = NAME;
  readonly path: string;
  readonly #primary: port.Engine;
  readonly #secrets: readonly string[];
  readonly #hasBackground: boolean;
  readonly #texts = new TextCache<{ readonly text: StatementText; readonly isLocal: boolean }>(KNOWN_TEXTS);
  /** Who reads the file, and who brings it up to date; null when it is closed. */
  #file: { readonly reader: ReplicaReader; readonly replicator: PeerReplicator } | null;
  #trace: ((sql: string) => void) | null = null;
  /** The primary may have what the file has not: committed writes of this connection. */
  #isBehind = false;
  /** The open transaction has written. */
  #hasWritten = false;
  #answeredAt = performance.now();

  constructor({ replicator, file, primary, path, cachedStatements, hasBackground, secrets }: Parts) {
    this.path = path;
    this.#file = { reader: new ReplicaReader(file, cachedStatements), replicator };
    this.#primary = primary;
    this.#hasBackground = hasBackground;
    this.#secrets = secrets;
  }

  get inTransaction(): boolean {
    return this.#primary.inTransaction;
  }

  #ask<R>(work: (primary: port.Engine) => R): R {
    const answer = work(this.#primary);
    this.#answeredAt = performance.now();
    return answer;
  }

  /** Asks for something that may write. */
  #write<R>(work: (primary: port.Engine) => R): R {
    this.#hasWritten = true;
    return this.#settle(work, true);
  }

  /** Asks for something that may end the transaction, and notes whether the file is to be believed after it. */
  #settle<R>(work: (primary: port.Engine) => R, commits: boolean): R {
    let hasCommitted = commits;
    try {
      return this.#ask(work);
    } catch (error) {
      if (hasDoneNothing(error)) hasCommitted = false;
      throw error;
    } finally {
      if (!this.inTransaction) {
        this.#isBehind ||= this.#hasWritten && hasCommitted;
        this.#hasWritten = false;
      }
    }
  }

  execute(request: port.ExecuteRequest): port.ExecuteReply {
    const { sql, discard } = request;
    const { text, isLocal } = this.#describe(sql);
    if (text.kind === "rollback") return this.#settle((primary) => primary.execute(request), false);
    if (!request.reads) return this.#write((primary) => primary.execute(request));
    const isFree = request.begin === null && !request.guard && !this.inTransaction;
    if (!isLocal || !isFree) return this.#ask((primary) => primary.execute(request));
    if (discard !== 0) this.discard(discard);
    const reply = this.#read(text, request);
    if (reply !== null) return reply;
    const ofPrimary = this.#ask((primary) => primary.execute({ ...request, discard: 0 }));
    // It compiles there: the schema has moved on.
    this.#isBehind = true;
    return ofPrimary;
  }

  #describe(sql: string) {
    let known = this.#texts.get(sql);
    if (known === undefined) {
      const text = describeStatement(sql);
      known = { text, isLocal: isLocal(text) };
      this.#texts.set(sql, known);
    }
    return known;
  }

  /** Reads from the file; null where that cannot be. */
  #read(text: StatementText, { values, reading, rows }: port.ExecuteRequest): port.ExecuteReply | null {
    const { reader } = this.#open();
    if (this.#isBehind) this.sync();
    const answer = reader.read(text.sql, values, reading, rows === "first");
    if (answer === null) return null;
    this.#trace?.(expand(text.sql, values));
    return { ...answer, reader: 0, changes: -1, lastrowid: null };
  }

  #open() {
    if (this.#file === null) throw new ProgrammingError("Cannot operate on a closed database.");
    return this.#file;
  }

  /**
   * Brings the file up to date. Whether the primary is there is asked before, with a time limit, since libsql waits for it for
   * three seconds where it is gone, and for ever where it is silent.
   */
  sync(): port.SyncReply {
    const { replicator } = this.#open();
    if (performance.now() - this.#answeredAt > RECENTLY) this.#ping();
    try {
      const { frames_synced: framesSynced, frame_no: frameNo = null } = replicator.sync();
      this.#isBehind = false;
      return { framesSynced, frameNo };
    } catch (error) {
      throw syncFailure(error, this.path, this.#secrets);
    }
  }

  #ping(): void {
    const reading = { integers: "auto", text: "string" } as const;
    const request = {
      discard: 0,
      sql: "SELECT 1",
      values: [],
      begin: null,
      guard: false,
      reads: true,
    } as const;
    this.#ask((primary) => primary.execute({ ...request, rows: "all", reading }));
  }

  fetch(reader: number, count: number): port.Page {
    return this.#ask((primary) => primary.fetch(reader, count));
  }

  rest(reader: number, untouched: boolean): port.Rest {
    return this.#ask((primary) => primary.rest(reader, untouched));
  }

  discard(reader: number): void {
    this.#ask((primary) => primary.discard(reader));
  }

  executemany(request: port.ManyRequest): port.ManyReply {
    return this.#write((primary) => primary.executemany(request));
  }

  batch(request: port.BatchRequest): port.BatchReply {
    return this.#write((primary) => primary.batch(request));
  }

  script(request: port.ScriptRequest): port.ScriptReply {
    return this.#write((primary) => primary.script(request));
  }

  control(steps: readonly port.ControlStep[]): void {
    const commits = steps.some(({ sql }) => !sql.startsWith("ROLLBACK"));
    this.#settle((primary) => primary.control(steps), commits);
  }

  totalChanges(): number {
    return this.#ask((primary) => primary.totalChanges());
  }

  isReadonly(sql: string): boolean {
    return this.#ask((primary) => primary.isReadonly(sql));
  }

  trace(callback: ((sql: string) => void) | null): void {
    this.#ask((primary) => primary.trace(callback));
    this.#trace = callback;
  }

  defineFunction(): never {
    return this.#refuse("defineFunction");
  }

  defineAggregate(): never {
    return this.#refuse("defineAggregate");
  }

  loadExtension(): never {
    return this.#refuse("loadExtension");
  }

  serialize(): never {
    return this.#refuse("serialize");
  }

  deserialize(): never {
    return this.#refuse("deserialize");
  }

  backup(): never {
    return this.#refuse("backup");
  }

  #refuse(method: keyof typeof LACKING): never {
    throw new NotSupportedError(`not supported by an ${NAME}: ${LACKING[method]}`);
  }

  /** Settles when the file is free for others. What is uncommitted is rolled back, by the primary. */
  async close(): Promise<void> {
    if (this.#file === null) return;
    try {
      this.#drop();
      this.#primary.close();
    } finally {
      await letGo(this.#hasBackground);
    }
  }

  /** Forgets whatever libsql has made. A method of its own, whose frame is gone when the garbage collector comes. */
  #drop(): void {
    this.#file?.reader.close();
    this.#file?.replicator.close();
    this.#file = null;
  }
}
