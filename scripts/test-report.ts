/** How a process of suites talks to the runner: reports, one message at a time, and a pipe for the name of the test that is running. */
export const marksDescriptor = 4

export type Report =
  | { readonly kind: "pass"; readonly suite: string }
  | { readonly kind: "skip"; readonly suite: string; readonly name: string; readonly reason: string }
  | { readonly kind: "fail"; readonly suite: string; readonly name: string; readonly message: string }
  /** An outermost test of the suite has ended; a suite's times are the sums. */
  | { readonly kind: "time"; readonly suite: string; readonly durationMs: number; readonly cpuMs?: number }
  | { readonly kind: "end" }
