/**
 * Every setting of a node and of a topic, once. Keys are Kafka's where Kafka has the thing; a topic
 * overrides a `topic` setting under the key in `topic-settings.ts`. `-1` means no limit.
 */
import { boolean, choice, int, list, number, text, type ValuesOf } from './define.ts'

const kib = 1024
const mib = 1024 * kib
const gib = 1024 * mib
const minute = 60_000
const day = 24 * 60 * minute

/** The declarations, by key. */
export const settings = {
  'node.id': int('static', 0, 'Id of this node, unique in the cluster.', { max: 0x7fffffff }),
  'process.roles': list(
    'static',
    ['broker', 'controller'],
    'Roles of this process: broker, controller, or both.',
  ),
  'broker.rack': text('static', '', 'Rack or zone of this broker; replicas are spread over racks.'),
  listeners: list(
    'static',
    ['CLIENT://127.0.0.1:7092', 'CONTROLLER://127.0.0.1:7093'],
    'Listeners to open, NAME://host:port; port 0 takes a free one.',
  ),
  'advertised.listeners': list(
    'static',
    [],
    'Addresses that clients and brokers are told, NAME://host:port; default: the listeners.',
  ),
  'inter.broker.listener.name': text(
    'static',
    'CLIENT',
    'Listener over which brokers reach each other.',
  ),
  'controller.listener.names': list(
    'static',
    ['CONTROLLER'],
    'Listeners that serve the quorum and the controller.',
  ),
  'controller.quorum.bootstrap.servers': list(
    'static',
    ['127.0.0.1:7093'],
    'Addresses of quorum voters, host:port, where the quorum is found.',
  ),
  'http.listener': text(
    'static',
    '127.0.0.1:7080',
    'Address of /livez and /readyz, host:port; port 0 takes a free one, empty opens none.',
  ),
  'log.dirs': list(
    'static',
    ['.sluice/data'],
    'Directories of the record logs, best one a disk: each fails on its own.',
  ),
  'metadata.log.dir': text(
    'static',
    '',
    'Directory of the metadata log; default: metadata beside the first of log.dirs.',
  ),

  'controller.quorum.fetch.timeout.ms': int(
    'static',
    1000,
    'How long a quorum follower waits for its leader before it asks for an election, in ms.',
    { min: 50 },
  ),
  'controller.quorum.election.timeout.ms': int(
    'static',
    500,
    'How long an election may take before the next try, in ms; each node adds up to the same again.',
    { min: 20 },
  ),
  'controller.quorum.request.timeout.ms': int(
    'static',
    1000,
    'Limit of one quorum request, in ms.',
    { min: 20 },
  ),
  'controller.quorum.fetch.max.wait.ms': int(
    'static',
    500,
    'How long a quorum fetch is parked at the leader, in ms.',
    { min: 5 },
  ),
  'controller.crash.evidence.enable': boolean(
    'static',
    true,
    'Whether refused connections to a silent broker fence it before its session ends.',
  ),
  'broker.session.timeout.ms': int(
    'static',
    9000,
    'Silence after which a broker is fenced, in ms.',
    { min: 100 },
  ),
  'broker.heartbeat.interval.ms': int(
    'static',
    2000,
    'How long the controller holds a heartbeat without news, in ms; the open request is the sign of life.',
    { min: 10 },
  ),
  'controlled.shutdown.timeout.ms': int(
    'static',
    10_000,
    'Most time a controlled shutdown takes before the node stops anyway, in ms.',
  ),
  'auto.leader.rebalance.enable': boolean(
    'dynamic',
    true,
    'Whether leadership returns to preferred replicas by itself.',
  ),
  'leader.imbalance.check.interval.ms': int(
    'static',
    1000,
    'Pause between two looks for partitions not led by their preferred replica, in ms.',
    { min: 50 },
  ),

  'num.partitions': int('dynamic', 1, 'Partitions of a new topic that does not say.', {
    min: 1,
    max: 100_000,
  }),
  'default.replication.factor': int(
    'dynamic',
    -1,
    'Replicas of a new topic that does not say; -1: the smaller of 3 and the number of brokers.',
    { min: 1, max: 1000, also: -1 },
  ),
  'min.insync.replicas': int(
    'topic',
    -1,
    'In-sync replicas an acks=all produce needs; -1: 2 from replication factor 3 on, else 1.',
    { min: 1, max: 1000, also: -1 },
  ),
  'unclean.leader.election.enable': boolean(
    'topic',
    false,
    'Whether a replica outside ISR and ELR may lead when nobody else can: loses records.',
  ),
  'auto.create.topics.enable': boolean(
    'dynamic',
    false,
    'Whether use of an unknown topic creates it.',
  ),

  'message.max.bytes': int('topic', mib, 'Largest record batch accepted, in bytes.', {
    min: 1024,
    max: 64 * mib,
  }),
  'log.segment.bytes': int('topic', gib, 'Size at which a segment is rolled, in bytes.', {
    min: 16 * kib,
    max: 2 * gib,
  }),
  'log.roll.ms': int('topic', 7 * day, 'Age at which a segment is rolled, in ms.', { min: 1 }),
  'log.flush': choice(
    'topic',
    'ack',
    ['ack', 'interval'],
    'When records are made durable: before they are acknowledged, or at an interval.',
  ),
  'producer.id.expiration.ms': int(
    'static',
    day,
    'How long a partition remembers an idempotent producer that writes nothing, in ms.',
    { min: 1000 },
  ),
  'log.flush.interval.ms': int(
    'static',
    1000,
    'Longest time a record stays unsynced with log.flush=interval, in ms.',
    { min: 10 },
  ),
  'log.scrub.interval.ms': int(
    'static',
    7 * day,
    'Period within which all that a log directory holds is read again and checked, in ms; 0: never.',
    { min: 0, also: -1 },
  ),
  'log.message.timestamp.type': choice(
    'topic',
    'CreateTime',
    ['CreateTime', 'LogAppendTime'],
    'Whether a record keeps its producer’s time or gets the broker’s.',
  ),
  'log.message.timestamp.after.max.ms': int(
    'topic',
    60 * minute,
    'How far ahead of the broker’s clock the times of a batch may be, in ms; with LogAppendTime they do not count.',
    { min: 0 },
  ),
  'log.message.timestamp.before.max.ms': int(
    'topic',
    -1,
    'How far behind the broker’s clock the first and the greatest time of a batch may be, in ms; -1: any.',
    { min: 0, also: -1 },
  ),
  'compression.type': choice(
    'topic',
    'producer',
    ['producer', 'none', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'],
    'Codec of stored batches; producer keeps what was sent, uncompressed is Kafka’s word for none.',
  ),
  'log.dir.reserve.bytes': int(
    'static',
    -1,
    'Free bytes of its disk under which a log directory takes no records of producers; -1: the larger of 1 GiB and 5 % of the disk, 0: none.',
    { min: 0, also: -1 },
  ),
  'replica.alter.log.dirs.io.max.bytes.per.second': int(
    'dynamic',
    -1,
    'Bytes a second that moves between the log directories of a broker copy at most; -1: no limit.',
    { min: 1024, also: -1 },
  ),
  'log.dir.ballast.bytes': int(
    'static',
    16 * mib,
    'Size of a file in each log directory that is removed when the disk is full, so that records can be deleted; 0: none.',
    { min: 0, max: gib },
  ),
  'log.retention.ms': int(
    'topic',
    7 * day,
    'Age from which segments are deleted, in ms; -1: none.',
    { min: -1 },
  ),
  'log.retention.bytes': int(
    'topic',
    -1,
    'Size of a partition beyond which its oldest segments are deleted, in bytes; -1: none.',
    { min: -1 },
  ),
  'log.retention.check.interval.ms': int(
    'static',
    5 * minute,
    'How often logs are looked at for segments to delete, in ms.',
    { min: 1 },
  ),
  'log.cleanup.policy': choice(
    'topic',
    'delete',
    ['delete', 'compact', 'compact,delete', 'delete,compact'],
    'What is done with old records: delete drops them by age and size, compact keeps the newest of each key.',
  ),
  'log.cleaner.min.cleanable.ratio': number(
    'topic',
    0.5,
    'Share of a compacted log that must have come since its last compaction before it is compacted again.',
    { min: 0, max: 1 },
  ),
  'log.cleaner.min.compaction.lag.ms': int(
    'topic',
    0,
    'Age that a record of a compacted topic has before it may be compacted away, in ms.',
  ),
  'log.cleaner.max.compaction.lag.ms': int(
    'topic',
    -1,
    'Age at which a record of a compacted topic is compacted however little has changed, in ms; -1: none.',
    { min: 1, also: -1 },
  ),
  'log.cleaner.delete.retention.ms': int(
    'topic',
    day,
    'How long a record without value (a tombstone) stays after its first compaction, in ms: whoever reads from the start has so long to see it.',
  ),
  'log.cleaner.backoff.ms': int(
    'dynamic',
    15_000,
    'Pause between two looks for logs to compact, in ms.',
    { min: 10 },
  ),
  'log.cleaner.io.max.bytes.per.second': int(
    'dynamic',
    64 * mib,
    'Most bytes that compaction reads and writes in a second, in each log directory; -1: no limit.',
    { min: 1024, also: -1 },
  ),
  'log.cleaner.dedupe.buffer.size': int(
    'dynamic',
    128 * mib,
    'Memory for the keys of one compaction, in bytes; a log with more keys is compacted in several rounds.',
    { min: mib, max: 2 * gib },
  ),
  'file.delete.delay.ms': int(
    'topic',
    minute,
    'How long the files of a deleted segment or log are kept, in ms.',
  ),

  'replica.fetch.wait.max.ms': int(
    'static',
    2000,
    'How long a follower’s fetch is parked, in ms.',
    {
      min: 5,
    },
  ),
  'replica.fetch.response.max.bytes': int(
    'static',
    mib,
    'Most bytes of one answer to a follower.',
    { min: kib },
  ),
  'replica.lag.time.max.ms': int(
    'static',
    10_000,
    'How long a follower may lag before it leaves the ISR, in ms.',
    { min: 100 },
  ),
  'fetch.max.bytes': int('dynamic', mib, 'Most bytes of one answer to a client.', {
    min: kib,
    max: 64 * mib,
  }),
  'queued.max.bytes': int(
    'static',
    96 * mib,
    'Unsettled bytes in memory over which produce is held back.',
    { min: mib },
  ),
  'socket.memory.max.bytes': int(
    'static',
    128 * mib,
    'Memory for what connections send and have not taken yet, beyond which each gets a fair share.',
    { min: 80 * mib },
  ),
  'log.tail.cache.bytes': int(
    'static',
    32 * mib,
    'Memory for the newest batches, kept for followers and consumers at the tail.',
    { min: 0 },
  ),
  'log.level': choice(
    'static',
    'info',
    ['debug', 'info', 'warn', 'error'],
    'Least severity that is logged.',
  ),
  'leader.imbalance.per.broker.percentage': number(
    'static',
    0,
    'Share of a broker’s partitions that may be led elsewhere before leadership is moved back, in percent.',
    { min: 0, max: 100 },
  ),
} as const

/** Values of every setting of a node. */
export type Settings = ValuesOf<typeof settings>

/** Key of a setting. */
export type SettingKey = keyof typeof settings
