/** Exports of providers as lines: in the shapes they have, with what is wrong with a line told by its place, and nothing guessed. */
import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { amountOf, converted } from "../../src/bills/amounts.ts"
import type { Bill } from "../../src/bills/bill.ts"
import { parseCsv } from "../../src/bills/csv.ts"
import { modelKey } from "../../src/bills/model-key.ts"
import { parseBill } from "../../src/bills/parse-bill.ts"

const dayMs = 86_400_000
const day = (fromMs: number) => ({ fromMs, toMs: fromMs + dayMs })
const utc = {
  dayOf: (text: string) => (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? day(Date.parse(text)) : undefined),
  dayAt: (atMs: number) => day(Math.floor(atMs / dayMs) * dayMs),
}

function billOf(text: string): Bill {
  const bill = parseBill(text, utc)
  return typeof bill === "string" ? assert.fail(bill) : bill
}

const costHeader =
  "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,quantity,quantity_unit,line_item,user_id,api_key_id,project_id,organization_id,project_name,organization_name,user_email,api_source"

describe("bills of OpenAI", () => {
  test("costs: a line item is a model and what of it was used; a day without anything is told as such", () => {
    const bill = billOf(
      `${costHeader}\n1790467200,1790553600,2026-09-27T00:00:00+00:00,2026-09-28T00:00:00+00:00,,,,,,,,,,,,,\n` +
        `1790553600,1790640000,a,b,0.003835980000000000000000000000,usd,,,,,,,org-1,,"Fixture, Org",x@example.com,\n` +
        `1790553600,1790640000,a,b,0.5,usd,1000,tokens,"gpt-5-nano, input_tokens",,key_1,proj_a,org-1,Proj A,O,x@example.com,\n`,
    )
    assert.deepEqual([bill.format, bill.empty, bill.problems], ["OpenAI costs", [day(Date.parse("2026-09-27"))], []])
    assert.deepEqual(
      bill.lines.map(({ line, model, amount, fromMs }) => [line, model, amount?.nanos, fromMs]),
      [
        [3, null, 3_835_980n, 1_790_553_600_000],
        [4, "gpt-5-nano", 500_000_000n, 1_790_553_600_000],
      ],
    )
  })

  test("usage: cached tokens are taken out of the input, counts may have a point", () => {
    const columns = "start_time,end_time,project_id,num_model_requests,model,input_tokens,output_tokens,input_cached_tokens"
    const [line] = billOf(`${columns.replaceAll(",", "\t")}\n1759622400\t1759708800\tp\t10.0\tgpt-4o-2024-08-06\t59200.0\t10646.0\t5760.0\n`).lines
    assert.deepEqual([line?.tokens, line?.calls, line?.amount], [{ input: 53_440, cacheRead: 5_760, cacheWrite: 0, output: 10_646 }, 10, null])
  })

  test("answers of the API, one page or several, and whether there is more", () => {
    const bucket = (results: readonly object[]) => ({ object: "bucket", start_time: 1_730_419_200, end_time: 1_730_505_600, results })
    const cost = { object: "organization.costs.result", amount: { value: 0.06, currency: "usd" }, line_item: null, project_id: null }
    const page = { object: "page", data: [bucket([cost]), bucket([])], has_more: true, next_page: "x" }
    const bill = billOf(JSON.stringify(page))
    assert.deepEqual([bill.format, bill.isCut, bill.lines[0]?.amount?.nanos, bill.empty.length], ["OpenAI costs (JSON)", true, 60_000_000n, 1])
    assert.equal(billOf(JSON.stringify([page, { ...page, has_more: false }])).isCut, false)
    const usage = {
      object: "organization.usage.completions.result",
      input_tokens: 1000,
      input_cached_tokens: 800,
      output_tokens: 500,
      num_model_requests: 5,
      model: "gpt-5",
    }
    assert.deepEqual(billOf(JSON.stringify({ data: [bucket([usage])] })).lines[0]?.tokens, { input: 200, cacheRead: 800, cacheWrite: 0, output: 500 })
  })
})

describe("bills of Anthropic", () => {
  test("cost: by UTC days, each line rounded to a cent", () => {
    const header = "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,list_price_usd,cost_type,inference_geo,speed"
    const bill = billOf(
      `\uFEFF${header}\r\n2026-08-04,Claude Haiku 4.5,Default,key,message,≤ 200k,input_no_cache,0.05,0.05,token,not_available,\r\n2026-08-04,Claude Haiku 4.5,Default,key,message,≤ 200k,output,zero,0.02,token,x,\r\n`,
    )
    assert.deepEqual(bill.lines[0]?.amount, { nanos: 50_000_000n, roundingNanos: 5_000_000n })
    assert.deepEqual(bill.problems, [{ line: 3, problem: "zero is no amount" }])
  })

  test("cost over the API is in cents, as a decimal string", () => {
    const data = [
      {
        starting_at: "2026-08-04T00:00:00Z",
        ending_at: "2026-08-05T00:00:00Z",
        results: [{ amount: "123.45", currency: "USD", model: "claude-opus-4-5", cost_type: "tokens" }],
      },
    ]
    assert.deepEqual(billOf(JSON.stringify({ data, has_more: false })).lines[0]?.amount, { nanos: 1_234_500_000n, roundingNanos: 0n })
  })

  test("usage: both kinds of writes to the cache, exported and over the API", () => {
    const header =
      "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,web_search_count"
    const told = { input: 100, cacheRead: 7, cacheWrite: 30, output: 50 }
    assert.deepEqual(billOf(`${header}\n2026-03-22,claude-sonnet-4-20250514,k,Default,standard,≤ 200k,100,10,20,7,50,0\n`).lines[0]?.tokens, told)
    const cached = { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 }
    const results = [{ model: "claude-sonnet-4-20250514", uncached_input_tokens: 100, cache_creation: cached, cache_read_input_tokens: 7, output_tokens: 50 }]
    const bucket = { starting_at: "2026-03-22T00:00:00Z", ending_at: "2026-03-23T00:00:00Z", results }
    assert.deepEqual(billOf(JSON.stringify({ data: [bucket] })).lines[0]?.tokens, told)
  })
})

describe("bills of OpenRouter", () => {
  test("generation by generation, by the day they were made in", () => {
    const header =
      "generation_id,created_at,model_permaslug,provider_name,api_key_name,app_name,tokens_prompt,tokens_completion,tokens_reasoning,tokens_cached,cost_total,cost_cache,cost_web_search"
    const rows =
      "gen-a,2026-04-13T23:59:59Z,openai/gpt-4o-mini,OpenAI,k,a,10,20,3,1,0.12,0.01,0\ngen-b,2026-04-14 00:00:00.5,openai/gpt-4o-mini,OpenAI,k,a,10,20,3,1,0.000012,0,0\n"
    const { lines } = billOf(`${header}\n${rows}`)
    assert.deepEqual(
      lines.map(({ fromMs }) => fromMs),
      [Date.parse("2026-04-13"), Date.parse("2026-04-14")],
    )
    assert.deepEqual([lines[0]?.identity, lines[0]?.tokens, lines[1]?.amount?.nanos], ["gen-a", { input: 9, cacheRead: 1, cacheWrite: 0, output: 20 }, 12_000n])
  })

  test("activity by day, exported and over the API", () => {
    const csv =
      'Date,Slug,Usage,BYOK Usage,Requests,Prompt Tokens,Completion Tokens,Reasoning Tokens\n"2026-05-12 00:00:00","anthropic/claude-opus-4.7","430.07","0","4115","70965665","3009973","0"\n'
    const [line] = billOf(csv).lines
    assert.deepEqual([line?.model, line?.amount?.nanos, line?.calls, line?.tokens?.output], ["anthropic/claude-opus-4.7", 430_070_000_000n, 4_115, 3_009_973])
    const data = [
      {
        date: "2025-08-24",
        model: "openai/gpt-4.1",
        model_permaslug: "openai/gpt-4.1-2025-04-14",
        provider_name: "OpenAI",
        usage: 0.015,
        requests: 5,
        prompt_tokens: 50,
        completion_tokens: 125,
      },
    ]
    assert.deepEqual(billOf(JSON.stringify({ data })).lines[0]?.amount, { nanos: 15_000_000n, roundingNanos: 0n })
  })
})

describe("what is no bill", () => {
  test("is told in words, whatever it is", () => {
    for (const [text, words] of [
      ["a,b\n1,2\n", /^its columns \(a, b\) are those of no export/],
      ["", /^its columns \(\)/],
      ["{}", /^its JSON is no answer/],
      ["[", /^its JSON is no answer/],
      ['{"data":[{"results":[{"x":1}]}]}', /^its JSON is no answer/],
      [`${"[".repeat(2_000_000)}`, /^its JSON is no answer/],
    ] as const)
      assert.match(String(parseBill(text, utc)), words)
  })

  test("lines with too many fields, times and days that are none are told by their place", () => {
    const bill = billOf(`usage_date_utc,model,cost_usd\n2026-13-01,m,1\nyesterday,m,1\n2026-01-01,m,1,extra\n2026-01-01,m,1\n`)
    assert.deepEqual([bill.lines.length, bill.problems.map(({ line }) => line).sort()], [1, [2, 3, 4]])
  })

  test("a quote that never ends, quotes in quotes and empty lines do no harm", () => {
    assert.deepEqual(parseCsv('a,b\n"x ""y"" z",2\n\n"un\nended').rows, [
      { line: 2, fields: { a: 'x "y" z', b: "2" } },
      { line: 4, fields: { a: "un\nended", b: "" } },
    ])
    assert.deepEqual(parseCsv("a;b\n1;2").rows, [{ line: 2, fields: { a: "1", b: "2" } }])
  })
})

describe("amounts and names", () => {
  test("are exact, whatever they are written like", () => {
    const cases = [
      ["0.1", 100_000_000n],
      ["-0.5", -500_000_000n],
      ["$1,234.56", 1_234_560_000_000n],
      ["1e-7", 100n],
      ["3.8359800000e-3", 3_835_980n],
      ["0.0000000004", 0n],
      ["0.0000000005", 1n],
    ] as const
    for (const [text, nanos] of cases) assert.equal(amountOf(text)?.nanos, nanos, text)
    for (const text of ["", "x", "1.2.3", "NaN", "0x10", "1e999", "12345678901234"]) assert.equal(amountOf(text), undefined, text)
    assert.deepEqual(amountOf("0.05", { isRounded: true })?.roundingNanos, 5_000_000n)
    assert.deepEqual(converted({ nanos: 2_000_000_000n, roundingNanos: 0n }, 1_083_400_000n), { nanos: 2_166_800_000n, roundingNanos: 1n })
  })

  test("one name for a model, however it is written; other models stay others", () => {
    const same = [
      ["Claude Haiku 4.5", "claude-haiku-4-5-20251001", "claude-haiku-4-5", "claude-haiku-4-5@20251001"],
      ["gpt-4o-2024-08-06", "gpt-4o", "GPT-4o"],
      ["anthropic/claude-opus-4.7", "anthropic/claude-opus-4-7"],
      ["Claude 3.5 Sonnet 2024-10-22", "claude-3-5-sonnet-20241022", "claude-3-5-sonnet-latest"],
    ]
    for (const names of same) assert.equal(new Set(names.map(modelKey)).size, 1, names.join())
    const others = ["gpt-4o", "gpt-4o-mini", "claude-opus-4-5", "claude-opus-4", "gpt-5-nano", "gpt-5"]
    assert.equal(new Set(others.map(modelKey)).size, others.length)
  })
})
