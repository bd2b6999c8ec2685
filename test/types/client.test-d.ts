/**
 * The client door by its types: what wants `@libsql/client` takes ours, and the two forms have the same members.
 * Nothing here runs.
 */
import type * as peer from "@libsql/client";
import { drizzle, type LibSQLDatabase } from "drizzle-orm/libsql";
import { describe, expectTypeOf, it } from "vitest";
import * as ours from "../../src/client.ts";

describe("what wants the libSQL client", () => {
  it("takes ours: client, transaction, result, row", () => {
    expectTypeOf<ours.Client>().toExtend<peer.Client>();
    expectTypeOf<ours.Transaction>().toExtend<peer.Transaction>();
    expectTypeOf<ours.ResultSet>().toExtend<peer.ResultSet>();
    expectTypeOf<ours.Row>().toEqualTypeOf<peer.Row>();
    expectTypeOf<ours.Value>().toEqualTypeOf<peer.Value>();
    expectTypeOf<ours.Replicated>().toEqualTypeOf<peer.Replicated>();
    expectTypeOf<ours.TransactionMode>().toEqualTypeOf<peer.TransactionMode>();
    expectTypeOf<ours.IntMode>().toEqualTypeOf<peer.IntMode>();
    expectTypeOf<ours.LibsqlError>().toExtend<peer.LibsqlError>();
    expectTypeOf<ours.LibsqlBatchError>().toExtend<peer.LibsqlBatchError>();
  });

  it("gives ours what it gives to its own", () => {
    expectTypeOf<peer.InStatement>().toExtend<ours.InStatement>();
    expectTypeOf<peer.InArgs>().toExtend<ours.InArgs>();
    expectTypeOf<peer.InValue>().toEqualTypeOf<ours.InValue>();
    const config = {} as Omit<peer.Config, "fetch">;
    expectTypeOf(config).toExtend<ours.Config>();
  });

  it("may be Drizzle", () => {
    const client = ours.createClient({ url: ":memory:" });
    expectTypeOf(drizzle({ client })).toExtend<LibSQLDatabase>();
    expectTypeOf(drizzle(client).$client).toEqualTypeOf<ours.Client>();
  });
});

/** A form with its results promised. */
type Promised<Form> = {
  [Name in keyof Form]: Form[Name] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Result>
    : Form[Name];
};

describe("the two forms", () => {
  it("have the same members", () => {
    expectTypeOf<Exclude<keyof ours.ClientSync, symbol>>().toEqualTypeOf<
      Exclude<keyof ours.Client, symbol>
    >();
    expectTypeOf<Exclude<keyof ours.TransactionSync, symbol>>().toEqualTypeOf<
      Exclude<keyof ours.Transaction, symbol>
    >();
    expectTypeOf<Extract<keyof ours.ClientSync, symbol>>().toEqualTypeOf<typeof Symbol.dispose>();
    expectTypeOf<Extract<keyof ours.Client, symbol>>().toEqualTypeOf<
      typeof Symbol.dispose | typeof Symbol.asyncDispose
    >();
  });

  it("differ by promises, and by what ends a call", () => {
    type Same = "executeMultiple" | "batch" | "migrate" | "sync";
    expectTypeOf<Pick<ours.Client, Same>>().toExtend<Promised<Pick<ours.ClientSync, Same>>>();
    const [promised, plain] = [{} as ours.Client, {} as ours.ClientSync];
    expectTypeOf(promised.transaction("read")).toEqualTypeOf<Promise<ours.Transaction>>();
    expectTypeOf(plain.transaction("read")).toEqualTypeOf<ours.TransactionSync>();
    expectTypeOf(promised.execute("SELECT ?", [1], { timeout: 5 })).toEqualTypeOf<Promise<ours.ResultSet>>();
    expectTypeOf(promised.execute({ sql: "" }, { timeout: 5 })).toEqualTypeOf<Promise<ours.ResultSet>>();
    expectTypeOf(plain.execute(["SELECT ?", [1]])).toEqualTypeOf<ours.ResultSet>();
    // @ts-expect-error there is nothing that could end it
    void plain.execute({ sql: "" }, { timeout: 5 });
    expectTypeOf(promised.close()).toEqualTypeOf<void>();
    expectTypeOf(plain.close()).toEqualTypeOf<void>();
  });

  it("refuse what is no value", () => {
    const client = {} as ours.Client;
    // @ts-expect-error undefined is no value
    void client.execute("SELECT ?", [undefined]);
    // @ts-expect-error a symbol is no value
    void client.execute({ sql: "SELECT :a", args: { a: Symbol() } });
    // @ts-expect-error there is no such mode
    void client.batch([], "exclusive");
    // @ts-expect-error a configuration has a url
    void ours.createClient({});
  });

  it("give results that are sequences of rows", () => {
    const result = {} as ours.ResultSet;
    expectTypeOf(result.length).toEqualTypeOf<number>();
    expectTypeOf(result[0]).toEqualTypeOf<ours.Row | undefined>();
    expectTypeOf([...result]).toEqualTypeOf<ours.Row[]>();
    expectTypeOf(result.rows[0]?.name).toEqualTypeOf<ours.Value | undefined>();
  });
});
