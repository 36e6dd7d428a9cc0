/** Names and values that are not known beforehand; whatever stands in them is text. */
import type { ComponentChildren } from "preact"
import { Text } from "./parts.tsx"
import { shown } from "./words.ts"

export function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** An object as a list of names and values; whatever stands in them is text. */
export function Values({ value }: { readonly value: unknown }) {
  if (typeof value !== "object" || value === null) return <pre>{shown(typeof value === "string" ? value : JSON.stringify(value))}</pre>
  const entries = Object.entries(value).filter(([name]) => name !== "id")
  if (entries.length === 0) return <p class="quiet">None.</p>
  return (
    <dl class="facts">
      {entries.map(([name, one]) => (
        <Fact key={name} name={shown(name)}>
          {typeof one === "string" && one.length > 120 ? <pre>{shown(one)}</pre> : <Text>{typeof one === "string" ? one : JSON.stringify(one)}</Text>}
        </Fact>
      ))}
    </dl>
  )
}
