/**
 * The processes of a suite: its server, and its drivers, as many of each as are wanted at one time.
 */
import type { RunsOn } from "./driver.ts";
import { type DriverHandle, start } from "./driver-handle.ts";
import type { Facts } from "./messages.ts";
import type { Server, Suite } from "./suite.ts";

export class Processes {
  /** By driver, in the order of the suite. */
  readonly facts: Record<string, Facts & { readonly runsOn: RunsOn }> = {};
  /** Drivers that could not be loaded and need not be there, and why. */
  readonly absent: Record<string, string> = {};
  /** One process of each driver that is there. */
  readonly present: Map<string, DriverHandle> = new Map();
  readonly #suite: Suite;
  readonly #mayBuild: boolean;
  readonly #started: DriverHandle[] = [];
  #server: Server | null = null;

  /** @param mayBuild whether peers may be compiled first */
  constructor(suite: Suite, mayBuild: boolean) {
    this.#suite = suite;
    this.#mayBuild = mayBuild;
  }

  /** @throws {Error} when a driver cannot be loaded that has to be there */
  async begin(wants: (driver: string) => boolean): Promise<void> {
    const wanted = this.#suite.drivers.filter(({ name }) => wants(name));
    try {
      this.#server = (await this.#suite.serve?.()) ?? null;
    } catch (error) {
      for (const { name } of wanted) this.absent[name] = messageOf(error);
      return;
    }
    for (const { name, runsOn, isOptional } of wanted) {
      try {
        const handle = await this.another(name);
        this.facts[name] = { ...(await handle.ask({ ask: "facts" }, "facts")).facts, runsOn };
        this.present.set(name, handle);
      } catch (error) {
        if (isOptional !== true) throw error;
        this.absent[name] = messageOf(error, name);
      }
    }
  }

  /** One more process of a driver. */
  async another(name: string): Promise<DriverHandle> {
    const handle = await start(this.#suite, name, this.#server?.url ?? "", this.#mayBuild);
    this.#started.push(handle);
    return handle;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#started.map((handle) => handle.stop()));
    await this.#server?.stop();
  }
}

/** What went wrong in a line, without the name of the driver that says so. */
function messageOf(error: unknown, name = ""): string {
  const { message } = error instanceof Error ? error : new Error(String(error));
  const [line = ""] = message.split("\n", 1);
  return (line.startsWith(`${name}: `) ? line.slice(name.length + 2) : line).replace(/^Error: /, "");
}
