/** The known key that somebody probably meant. */

/** The candidate with the fewest edits from `word`; undefined when more than a third of the word would change. */
export function nearestWord(word: string, candidates: readonly string[]): string | undefined {
  const editsMax = Math.ceil(word.length / 3)
  let best: { readonly candidate: string; readonly distance: number } | undefined
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate)
    if (distance <= editsMax && distance < (best?.distance ?? Infinity))
      best = { candidate, distance }
  }
  return best?.candidate
}

// Levenshtein, one row at a time. Words from outside are cut, so that nobody buys a long loop.
function editDistance(left: string, right: string): number {
  const word = left.slice(0, 100)
  let above = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= word.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (word[row - 1] === right[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    above = current
  }
  return above[right.length] ?? 0
}
