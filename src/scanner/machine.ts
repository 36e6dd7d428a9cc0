/**
 * The table of rows, made ready: a tree of all words, and for each word the steps of patterns that wait for it. Later steps of a pattern stand before its
 * earlier ones, so that one word is never two steps of the same match.
 */
import { groups } from "./groups.ts"
import { ends, parsePattern, signs } from "./pattern.ts"
import type { ScanRow, ScanSource } from "./row.ts"
import { kinds, readAs, unseen } from "./units.ts"

export const root = 1
/** Stands for every word that begins with a digit. */
export const number = "NUMBER"

export type Machine = {
  readonly rows: readonly ScanRow[]
  /** By unit: what it is (three bits), and above that its place in the tree's alphabet, 0 for what no word has. */
  readonly units: Uint16Array
  /** By node and place: the next node; 0 is where no word goes on. */
  readonly next: Uint16Array
  readonly width: number
  /** By node: the atom that ends here, or begins so; 0 for none. */
  readonly exact: Uint16Array
  readonly prefix: Uint16Array
  /** By sign (below 128): its atom. */
  readonly signs: Uint16Array
  readonly ends: { readonly line: number; readonly text: number; readonly number: number }
  /** By atom: the steps that wait for it, and the first and last step of patterns that it undoes. */
  readonly waiting: readonly Int32Array[]
  readonly undone: readonly (Int32Array | undefined)[]
  readonly steps: Steps
  /** By source: up to which word each step may be taken when a text begins. First steps of rows that are for it always may. */
  readonly begin: Readonly<Record<ScanSource, Int32Array>>
}

export const always = 0x7fff_ffff

/** Each by step. */
export type Steps = {
  readonly count: number
  readonly row: Uint16Array
  readonly isFirst: Uint8Array
  readonly isLast: Uint8Array
  readonly least: Uint16Array
  readonly most: Uint16Array
  readonly inLine: Uint8Array
  /** By row: its steps. */
  readonly from: Int32Array
  readonly to: Int32Array
}

export function machineOf(rows: readonly ScanRow[]): Machine {
  const atoms = new Map<string, number>()
  const waiting: number[][] = [[]]
  const undone: number[][] = [[]]
  const atomOf = (text: string): number => {
    const folded = isNamed(text) ? text : Array.from(text, (character) => String.fromCharCode(readAs[character.charCodeAt(0)] ?? 0)).join("")
    const known = atoms.get(folded)
    if (known !== undefined) return known
    atoms.set(folded, waiting.length)
    undone.push([])
    return waiting.push([]) - 1
  }
  const [row, isFirst, isLast, least, most, inLine]: [number[], number[], number[], number[], number[], number[]] = [[], [], [], [], [], []]
  const [rowFrom, rowTo]: [number[], number[]] = [[], []]
  for (const [index, { patterns, not, inLine: within }] of rows.entries()) {
    rowFrom.push(row.length)
    for (const pattern of patterns) {
      const parsed = parsePattern(pattern, groups)
      const from = row.length
      for (const [place, step] of parsed.entries()) {
        for (const atom of new Set(step.atoms.map(atomOf))) waiting[atom]?.unshift(row.length)
        row.push(index)
        isFirst.push(Number(place === 0))
        isLast.push(Number(place === parsed.length - 1))
        least.push(step.least)
        most.push(step.most)
        inLine.push(Number(within === true))
      }
      for (const atom of not?.split("|") ?? []) undone[atomOf(atom.toLowerCase())]?.push(from, row.length)
    }
    rowTo.push(row.length)
  }
  const named = (name: string) => atoms.get(name) ?? 0
  const signAtoms = new Uint16Array(128)
  for (const [name, sign] of Object.entries(signs)) signAtoms[sign.charCodeAt(0)] = named(name)
  return {
    rows,
    ...treeOf([...atoms].filter(([text]) => !isNamed(text))),
    signs: signAtoms,
    ends: { line: named("NL"), text: named("EOF"), number: named(number) },
    waiting: waiting.map((steps) => Int32Array.from(steps)),
    undone: undone.map((steps) => (steps.length === 0 ? undefined : Int32Array.from(steps))),
    steps: {
      ...{ count: row.length, row: Uint16Array.from(row), isFirst: Uint8Array.from(isFirst), isLast: Uint8Array.from(isLast) },
      ...{ least: Uint16Array.from(least), most: Uint16Array.from(most), inLine: Uint8Array.from(inLine) },
      ...{ from: Int32Array.from(rowFrom), to: Int32Array.from(rowTo) },
    },
    begin: { args: beginFor("args"), result: beginFor("result"), message: beginFor("message"), file: beginFor("file") },
  }

  function beginFor(source: ScanSource): Int32Array {
    return Int32Array.from(row, (of, step) => (isFirst[step] === 1 && rows[of]?.on.includes(source) === true ? always : -1))
  }
}

function isNamed(text: string): boolean {
  return Object.hasOwn(signs, text) || (ends as readonly string[]).includes(text) || text === number
}

type Tree = Pick<Machine, "units" | "next" | "width" | "exact" | "prefix">

function treeOf(words: readonly (readonly [string, number])[]): Tree {
  const letters = [...new Set(words.flatMap(([word]) => Array.from(word.replace(/\*$/, ""), (character) => character.charCodeAt(0))))]
  const alphabet = new Map(letters.toSorted((a, b) => a - b).map((unit, index) => [unit, index + 1]))
  const width = alphabet.size + 1
  const children: Map<number, number>[] = [new Map(), new Map()]
  const [exact, prefix] = [new Map<number, number>(), new Map<number, number>()]
  for (const [word, atom] of words) {
    const isPrefix = word.length > 1 && word.endsWith("*")
    let node = root
    for (const character of isPrefix ? word.slice(0, -1) : word) {
      const code = alphabet.get(character.charCodeAt(0)) ?? 0
      let child = children[node]?.get(code)
      if (child === undefined) {
        child = children.push(new Map()) - 1
        children[node]?.set(code, child)
      }
      node = child
    }
    ;(isPrefix ? prefix : exact).set(node, atom)
  }
  const next = new Uint16Array(children.length * width)
  for (const [node, byCode] of children.entries()) for (const [code, child] of byCode) next[node * width + code] = child
  const at = (map: ReadonlyMap<number, number>) => Uint16Array.from(children, (_, node) => map.get(node) ?? 0)
  return {
    next,
    width,
    exact: at(exact),
    prefix: at(prefix),
    units: Uint16Array.from(readAs, (unit, raw) => (kinds[raw] === unseen ? unseen : (kinds[unit] ?? 0) | ((alphabet.get(unit) ?? 0) << 3))),
  }
}
