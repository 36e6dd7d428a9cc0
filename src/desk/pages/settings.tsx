/** Every setting, those that are set first. They are changed where they stand: in the host's configuration. */
import { Answered, Badge, Card, Table, Text } from "../parts.tsx"
import { useTold } from "../told.ts"
import { shown } from "../words.ts"

type Setting = { readonly name: string; readonly isSet: boolean; readonly value: unknown; readonly words: string }

export function SettingsPage() {
  const told = useTold<{ readonly file: string; readonly settings: readonly Setting[] }>("settings")
  return (
    <Answered told={told}>
      {({ file, settings }) => (
        <>
          <p class="quiet">
            Read from <code>{shown(file)}</code>, and changed there. What is secret, or an address of a web hook, is not shown.
          </p>
          <Group title="Set" settings={settings.filter(({ isSet }) => isSet)} />
          <Group title="As they are by default" settings={settings.filter(({ isSet }) => !isSet)} />
        </>
      )}
    </Answered>
  )
}

function Group({ title, settings }: { readonly title: string; readonly settings: readonly Setting[] }) {
  if (settings.length === 0) return null
  return (
    <Card title={title}>
      <Table
        caption={title}
        rows={settings}
        keyOf={({ name }) => name}
        columns={[
          { title: "Setting", cell: ({ name }) => <code class="name">{name}</code> },
          { title: "Value", cell: (setting) => <Value setting={setting} /> },
          { title: "What it does", cell: ({ words }) => <span class="quiet">{words}</span> },
        ]}
      />
    </Card>
  )
}

function Value({ setting: { isSet, value } }: { readonly setting: Setting }) {
  if (value === null) return <span class="quiet">–</span>
  if (isSet && value === true) return <Badge tone="good">set</Badge>
  if (Array.isArray(value) && value.length === 0) return <span class="quiet">none</span>
  return <Text>{typeof value === "string" ? value : JSON.stringify(value)}</Text>
}
