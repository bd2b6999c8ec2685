/**
 * The methods of the port where each is a message: what they are called with goes through one place.
 * It must not know where the messages go. Tests: test/unit/engine/thread/offload.test.ts.
 */
import type * as port from "../port.ts";

export abstract class PromisedPort {
  /** Sends a call. */
  protected abstract send<R>(method: port.Method, args: readonly unknown[]): Promise<R>;

  execute(request: port.ExecuteRequest): Promise<port.ExecuteReply> {
    return this.send("execute", [request]);
  }

  fetch(reader: number, count: number): Promise<port.Page> {
    return this.send("fetch", [reader, count]);
  }

  rest(reader: number, untouched: boolean): Promise<port.Rest> {
    return this.send("rest", [reader, untouched]);
  }

  discard(reader: number): Promise<void> {
    return this.send("discard", [reader]);
  }

  executemany(request: port.ManyRequest): Promise<port.ManyReply> {
    return this.send("executemany", [request]);
  }

  script(request: port.ScriptRequest): Promise<port.ScriptReply> {
    return this.send("script", [request]);
  }

  batch(request: port.BatchRequest): Promise<port.BatchReply> {
    return this.send("batch", [request]);
  }

  control(steps: readonly port.ControlStep[]): Promise<void> {
    return this.send("control", [steps]);
  }

  isReadonly(sql: string): Promise<boolean> {
    return this.send("isReadonly", [sql]);
  }

  totalChanges(): Promise<number> {
    return this.send("totalChanges", []);
  }

  defineFunction(request: port.FunctionRequest, fn: port.UserFunction | port.ModuleFunction): Promise<void> {
    return this.send("defineFunction", [request, fn]);
  }

  defineAggregate(
    request: port.FunctionRequest & { readonly window: boolean },
    start: (() => port.UserAggregate) | port.ModuleFunction,
  ): Promise<void> {
    return this.send("defineAggregate", [request, start]);
  }

  loadExtension(path: string, entryPoint: string | null): Promise<void> {
    return this.send("loadExtension", [path, entryPoint]);
  }

  serialize(name: string): Promise<Uint8Array> {
    return this.send("serialize", [name]);
  }

  deserialize(bytes: Uint8Array): Promise<void> {
    return this.send("deserialize", [bytes]);
  }

  backup(request: port.BackupRequest, progress: port.BackupProgress | null): Promise<void> {
    return this.send("backup", [request, progress]);
  }

  sync(): Promise<port.SyncReply> {
    return this.send("sync", []);
  }

  trace(callback: ((sql: string) => void) | null): Promise<void> {
    return this.send("trace", [callback]);
  }

  close(): Promise<void> {
    return this.send("close", []);
  }
}
