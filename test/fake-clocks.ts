/** The clocks of a machine that a test moves: time passes, the machine sleeps, begins anew, and somebody sets its wall clock. */
import type { Clocks } from "../src/base/clock.ts"

export class FakeClocks {
  wallMs: number
  steadyMs = 3_600_000
  uptimeMs = 3_600_000
  boot: string | undefined = "first"

  constructor(wallMs: number) {
    this.wallMs = wallMs
  }

  /** As a program finds them at its start. */
  read(): Clocks {
    return { wallMs: () => this.wallMs, steadyMs: () => this.steadyMs, uptimeMs: () => this.uptimeMs, boot: this.boot }
  }

  pass(ms: number): void {
    this.wallMs += ms
    this.steadyMs += ms
    this.uptimeMs += ms
  }

  sleep(ms: number): void {
    this.wallMs += ms
    this.uptimeMs += ms
  }

  set(byMs: number): void {
    this.wallMs += byMs
  }

  /** Off for so long, and on again. */
  reboot(boot: string | undefined, offMs: number): void {
    this.wallMs += offMs
    Object.assign(this, { boot, steadyMs: 20_000, uptimeMs: 20_000 })
  }
}
