/**
 * What arms: an operator's pattern, matched by an engine that takes no more than linear time whatever the pattern is (RE2's syntax: no look-around, no
 * back-references), without regard to case; and what of a text comes after it.
 */
import { RE2JS } from "re2js"
import { problemOf } from "../../base/fault.ts"

export type Trigger = {
  /** What is left of the text without the first match, trimmed; undefined where nothing matches. */
  readonly bodyOf: (text: string) => string | undefined
}

/** What is looked at of a text. A message is shorter; a trigger stands at its front. */
const mostCharacters = 64_000

export function parseTrigger(pattern: string, refuse: (problem: string) => never): Trigger {
  if (pattern === "" || pattern.length > 1_000) return refuse("its triggerRegex must be a pattern of at most 1,000 characters")
  const compiled = compile(pattern, refuse)
  return {
    bodyOf: (whole) => {
      const text = whole.slice(0, mostCharacters).trim()
      const matcher = compiled.matcher(text)
      if (!matcher.find()) return undefined
      return (text.slice(0, matcher.start()) + text.slice(matcher.end()) + whole.trim().slice(text.length)).trim()
    },
  }
}

function compile(pattern: string, refuse: (problem: string) => never): RE2JS {
  try {
    return RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE)
  } catch (error) {
    return refuse(`its triggerRegex ${pattern} cannot be read (${problemOf(error)}); it is matched by RE2, which has no look-around and no back-references`)
  }
}

/** A letter or a digit of any script: an emoji or a full stop says nothing. */
export function saysSomething(body: string): boolean {
  return /[\p{L}\p{N}]/u.test(body)
}

/** The first topic that has a word in the text. */
export function topicOf(body: string, topics: Readonly<Record<string, readonly string[]>>): string {
  const text = body.toLowerCase()
  return Object.entries(topics).find(([, words]) => words.some((word) => text.includes(word.toLowerCase())))?.[0] ?? "general"
}
