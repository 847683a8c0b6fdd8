/** The tree keeps the rules that no other tool checks. Every rule names the files that break it. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const root = new URL('../..', import.meta.url).pathname
const self = 'test/unit/tidy.test.ts'

/** What git would commit: tracked files and new ones that are not ignored. */
const files = spawnSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root })
  .stdout.toString()
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)))
const ours = files.filter((file) => /\.(ts|js|cjs|sh|md|proto|properties|yaml|json)$/.test(file))
const sources = ours.filter((file) => file.endsWith('.ts') && !file.includes('/gen/'))

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

function holding(pattern: RegExp, among: readonly string[]): readonly string[] {
  return among.filter((file) => file !== self && pattern.test(textOf(file)))
}

test('there is a tree to look at', () => {
  expect(sources.length).toBeGreaterThan(50)
})

test('no file or folder has a name that says nothing', () => {
  const banned = /(^|\/)(utils?|helpers?|common|misc|shared|stuff)(\.[a-z]+|\/|$)/
  expect(files.filter((file) => banned.test(file))).toEqual([])
})

test('file names are kebab-case', () => {
  const names = sources.filter(
    (file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)*\.ts$/.test(basename(file)),
  )
  expect(names).toEqual([])
})

test('every folder of core, engine and edge, and src itself, has a README of a screen and a half', () => {
  const rings = ['src/core', 'src/engine', 'src/edge']
  const folders = rings.flatMap((ring) =>
    readdirSync(join(root, ring))
      .map((name) => `${ring}/${name}`)
      .filter((path) => statSync(join(root, path)).isDirectory())
      .filter((path) => sources.some((file) => file.startsWith(`${path}/`))),
  )
  const readmes = [...folders, 'src', 'src/base', 'src/sim', 'cluster', 'test']
  expect(readmes.filter((folder) => !existsSync(join(root, folder, 'README.md')))).toEqual([])
  const long = folders.filter((folder) => textOf(`${folder}/README.md`).split('\n').length > 90)
  expect(long).toEqual([])
})

test('nothing is left for later', () => {
  expect(holding(/\b(TODO|FIXME|XXX|HACK)\b|@ts-(ignore|nocheck)/, sources)).toEqual([])
})

test('no test is skipped or runs alone', () => {
  const tests = sources.filter((file) => file.startsWith('test/'))
  expect(holding(/\b(it|test|describe)\.(skip|only|todo|fails)\b/, tests)).toEqual([])
})

test('no file has more than 500 lines', () => {
  const long = sources.filter((file) => textOf(file).split('\n').length > 501)
  expect(long).toEqual([])
})

test('every source file opens with a paragraph that says what it owns', () => {
  const bare = sources.filter((file) => file.startsWith('src/') && !textOf(file).startsWith('/**'))
  expect(bare).toEqual([])
})

test('a lint rule is switched off only with a reason on the same line', () => {
  const bare = /eslint-disable(?!.* -- \S)/
  expect(holding(bare, sources)).toEqual([])
})

test('no path of one machine and no host of a registry stands in the tree', () => {
  const paths = new RegExp(['/wo', 'rk/|/ro', 'ot/|/ho', 'me/[a-z]|\\.lib', 'rary'].join(''))
  const lock = files.filter((file) => basename(file) === 'package-lock.json')
  expect(holding(paths, ours)).toEqual([])
  expect(holding(/"resolved": "http/, lock)).toEqual([])
  expect(holding(/registry\.[a-z]+\.[a-z]+/, [...ours, ...lock, '.npmrc'])).toEqual([])
})

test('every dependency is pinned to one exact version', () => {
  const described = JSON.parse(textOf('package.json')) as Record<string, Record<string, string>>
  const versions = Object.entries({
    ...described['dependencies'],
    ...described['devDependencies'],
  })
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
})

test('every script that package.json names exists', () => {
  const described = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }
  const named = Object.values(described.scripts).flatMap(
    (line) => line.match(/\S+\.(ts|js)\b/g) ?? [],
  )
  expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([])
})

test('tests mirror the folders they test', () => {
  const units = sources.filter((file) => file.startsWith('test/unit/') && file !== self)
  const strangers = units.filter((file) => {
    const folder = dirname(file).replace('test/unit', 'src')
    return !existsSync(join(root, folder)) && dirname(file) !== 'test/unit/scripts'
  })
  expect(strangers).toEqual([])
})
