/** One thing that is measured, with its samples: what an exposition of metrics is made of. */
export type Labels = Readonly<Record<string, string>>
export type Sample = { readonly labels: Labels; readonly value: number }

/** `name` without the prefix of the product and, of a counter, without `_total`. */
export type Metric = { readonly name: string; readonly kind: "counter" | "gauge"; readonly help: string; readonly samples: readonly Sample[] }

export function gauge(name: string, help: string, value: number | undefined): Metric {
  return { name, kind: "gauge", help, samples: value === undefined ? [] : [{ labels: {}, value }] }
}

export function gauges(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, kind: "gauge", help, samples }
}

export function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  return { name, kind: "counter", help, samples }
}
