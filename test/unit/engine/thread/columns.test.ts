import { describe, expect, it } from "vitest";
import { ColumnsReceived, ColumnsSent } from "../../../../src/engine/thread/columns.ts";

describe("the columns of results", () => {
  it("cross once for a statement, and again when they have changed", () => {
    const [sent, received] = [new ColumnsSent(), new ColumnsReceived()];
    const cross = (sql: string, name: string) => {
      const ref = sent.refer(sql, [{ name, type: null }]);
      expect(received.restore(ref)).toEqual([{ name, type: null }]);
      return typeof ref;
    };
    expect(cross("one", "a")).toBe("object");
    expect(cross("one", "a")).toBe("number");
    expect(cross("two", "a")).toBe("object");
    expect(cross("one", "b")).toBe("object");
    expect(cross("one", "b")).toBe("number");
    expect(cross("two", "a")).toBe("number");
  });

  it("are right for more statements than are kept", () => {
    const [sent, received] = [new ColumnsSent(), new ColumnsReceived()];
    for (let i = 0; i < 2000; i++) {
      const name = `c${(i * 7) % 600}`;
      const columns = [{ name, type: "INT" }];
      expect(received.restore(sent.refer(name, columns))).toEqual(columns);
    }
  });

  it("of a statement without any are none", () => {
    expect(new ColumnsReceived().restore(new ColumnsSent().refer("x", []))).toEqual([]);
  });
});
