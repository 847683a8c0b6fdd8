/** What the log says of configs and features, and the record that says nothing. Source: KIP-631, KIP-584. */
import { readBoolean, readCount, writeBoolean, type RecordCodec } from './fields.ts'

/** One key of one resource; without a value it is unset. */
export interface ConfigRecord {
  readonly type: 'config'
  /** `topic/NAME`, `broker/ID` or `cluster/`. */
  readonly resource: string
  readonly key: string
  readonly value?: string
}

/** The level of a feature from here on. */
export interface FeatureLevelRecord {
  readonly type: 'feature-level'
  readonly name: string
  readonly level: number
}

/** Changes nothing. */
export interface NoOpRecord {
  readonly type: 'no-op'
}

/** Bytes of Config. */
export const configCodec: RecordCodec<ConfigRecord> = {
  type: 'config',
  number: 4,
  version: 1,
  write(writer, record) {
    writer.text(record.resource).text(record.key)
    writeBoolean(writer, record.value !== undefined)
    if (record.value !== undefined) writer.text(record.value)
  },
  read: (reader) => ({
    type: 'config',
    resource: reader.text(),
    key: reader.text(),
    ...(readBoolean(reader) && { value: reader.text() }),
  }),
}

/** Bytes of FeatureLevel. */
export const featureLevelCodec: RecordCodec<FeatureLevelRecord> = {
  type: 'feature-level',
  number: 12,
  version: 1,
  write(writer, record) {
    writer.text(record.name).varint(record.level)
  },
  read: (reader) => ({
    type: 'feature-level',
    name: reader.text(),
    level: readCount(reader, 0x7fff, 'feature level'),
  }),
}

/** Bytes of NoOp. */
export const noOpCodec: RecordCodec<NoOpRecord> = {
  type: 'no-op',
  number: 20,
  version: 1,
  write: () => undefined,
  read: () => ({ type: 'no-op' }),
}
