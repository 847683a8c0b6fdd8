// Original file: sluice/v1/envelope.proto

/**
 * Every reason. The number is Kafka's where Kafka has the reason; from 1000 on they are ours.
 */
export const ErrorCode = {
  /**
   * Not an error.
   */
  NO_ERROR: 'NO_ERROR',
  /**
   * The offset is outside the log.
   */
  OFFSET_OUT_OF_RANGE: 'OFFSET_OUT_OF_RANGE',
  /**
   * The checksum or the shape of a batch is wrong.
   */
  CORRUPT_MESSAGE: 'CORRUPT_MESSAGE',
  /**
   * No such topic or partition here.
   */
  UNKNOWN_TOPIC_OR_PARTITION: 'UNKNOWN_TOPIC_OR_PARTITION',
  /**
   * Nobody leads the partition now.
   */
  LEADER_NOT_AVAILABLE: 'LEADER_NOT_AVAILABLE',
  /**
   * Another broker leads the partition.
   */
  NOT_LEADER_OR_FOLLOWER: 'NOT_LEADER_OR_FOLLOWER',
  /**
   * Not done in time; it may be done later.
   */
  REQUEST_TIMED_OUT: 'REQUEST_TIMED_OUT',
  /**
   * The broker cannot serve now.
   */
  BROKER_NOT_AVAILABLE: 'BROKER_NOT_AVAILABLE',
  /**
   * A record or frame is longer than allowed.
   */
  MESSAGE_TOO_LARGE: 'MESSAGE_TOO_LARGE',
  /**
   * The topic's name is not allowed.
   */
  INVALID_TOPIC_EXCEPTION: 'INVALID_TOPIC_EXCEPTION',
  /**
   * A batch is longer than a segment.
   */
  RECORD_LIST_TOO_LARGE: 'RECORD_LIST_TOO_LARGE',
  /**
   * Fewer in-sync replicas than min.insync.replicas; nothing was written.
   */
  NOT_ENOUGH_REPLICAS: 'NOT_ENOUGH_REPLICAS',
  /**
   * Written by the leader, not yet by enough replicas.
   */
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  /**
   * acks is none of 0, 1 and all.
   */
  INVALID_REQUIRED_ACKS: 'INVALID_REQUIRED_ACKS',
  /**
   * The caller may not use this topic.
   */
  TOPIC_AUTHORIZATION_FAILED: 'TOPIC_AUTHORIZATION_FAILED',
  /**
   * The caller may not do this to the cluster.
   */
  CLUSTER_AUTHORIZATION_FAILED: 'CLUSTER_AUTHORIZATION_FAILED',
  /**
   * A record's time is out of bounds.
   */
  INVALID_TIMESTAMP: 'INVALID_TIMESTAMP',
  /**
   * No version, or no operation, that both sides know.
   */
  UNSUPPORTED_VERSION: 'UNSUPPORTED_VERSION',
  /**
   * A topic of this name is there.
   */
  TOPIC_ALREADY_EXISTS: 'TOPIC_ALREADY_EXISTS',
  /**
   * The number of partitions is not allowed.
   */
  INVALID_PARTITIONS: 'INVALID_PARTITIONS',
  /**
   * The number of replicas is not allowed, or there are fewer brokers.
   */
  INVALID_REPLICATION_FACTOR: 'INVALID_REPLICATION_FACTOR',
  /**
   * The replicas named for a partition cannot be.
   */
  INVALID_REPLICA_ASSIGNMENT: 'INVALID_REPLICA_ASSIGNMENT',
  /**
   * A setting is unknown or its value is out of bounds.
   */
  INVALID_CONFIG: 'INVALID_CONFIG',
  /**
   * Another node is the active controller.
   */
  NOT_CONTROLLER: 'NOT_CONTROLLER',
  /**
   * The request contradicts itself.
   */
  INVALID_REQUEST: 'INVALID_REQUEST',
  /**
   * A policy of the cluster forbids it.
   */
  POLICY_VIOLATION: 'POLICY_VIOLATION',
  /**
   * A batch of an idempotent producer does not follow its last one.
   */
  OUT_OF_ORDER_SEQUENCE_NUMBER: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
  /**
   * A newer incarnation of the producer took over.
   */
  INVALID_PRODUCER_EPOCH: 'INVALID_PRODUCER_EPOCH',
  /**
   * Left undone because of another part of the request.
   */
  OPERATION_NOT_ATTEMPTED: 'OPERATION_NOT_ATTEMPTED',
  /**
   * The disk of the node failed; it may have been written.
   */
  KAFKA_STORAGE_ERROR: 'KAFKA_STORAGE_ERROR',
  /**
   * The log knows nothing of this producer id.
   */
  UNKNOWN_PRODUCER_ID: 'UNKNOWN_PRODUCER_ID',
  /**
   * The caller's leader epoch is older than the partition's.
   */
  FENCED_LEADER_EPOCH: 'FENCED_LEADER_EPOCH',
  /**
   * The caller's leader epoch is newer than the partition's.
   */
  UNKNOWN_LEADER_EPOCH: 'UNKNOWN_LEADER_EPOCH',
  /**
   * The codec of a batch is unknown.
   */
  UNSUPPORTED_COMPRESSION_TYPE: 'UNSUPPORTED_COMPRESSION_TYPE',
  /**
   * The broker has registered again since.
   */
  STALE_BROKER_EPOCH: 'STALE_BROKER_EPOCH',
  /**
   * The preferred replica cannot lead now.
   */
  PREFERRED_LEADER_NOT_AVAILABLE: 'PREFERRED_LEADER_NOT_AVAILABLE',
  /**
   * The right replica leads already.
   */
  ELECTION_NOT_NEEDED: 'ELECTION_NOT_NEEDED',
  /**
   * A record of the batch is not allowed here.
   */
  INVALID_RECORD: 'INVALID_RECORD',
  /**
   * The voters of the request are not the quorum's.
   */
  INCONSISTENT_VOTER_SET: 'INCONSISTENT_VOTER_SET',
  /**
   * The partition has changed since the caller looked.
   */
  INVALID_UPDATE_VERSION: 'INVALID_UPDATE_VERSION',
  /**
   * No topic of this id here.
   */
  UNKNOWN_TOPIC_ID: 'UNKNOWN_TOPIC_ID',
  /**
   * Another live broker has this id.
   */
  DUPLICATE_BROKER_REGISTRATION: 'DUPLICATE_BROKER_REGISTRATION',
  /**
   * The broker is not registered.
   */
  BROKER_ID_NOT_REGISTERED: 'BROKER_ID_NOT_REGISTERED',
  /**
   * The topic's id is not the one expected.
   */
  INCONSISTENT_TOPIC_ID: 'INCONSISTENT_TOPIC_ID',
  /**
   * The node belongs to another cluster.
   */
  INCONSISTENT_CLUSTER_ID: 'INCONSISTENT_CLUSTER_ID',
  /**
   * A replica named for the ISR may not join it.
   */
  INELIGIBLE_REPLICA: 'INELIGIBLE_REPLICA',
  /**
   * A defect or fault of the node; Kafka's -1.
   */
  UNKNOWN_SERVER_ERROR: 'UNKNOWN_SERVER_ERROR',
  /**
   * The disk is full or under its reserve; nothing was written.
   */
  STORAGE_FULL: 'STORAGE_FULL',
  /**
   * The controller lost its role or its store before it knew; the change may be committed.
   */
  UNKNOWN_OUTCOME: 'UNKNOWN_OUTCOME',
  /**
   * A queue of the node is full; nothing happened.
   */
  THROTTLED: 'THROTTLED',
  /**
   * The node is starting or stopping; nothing happened.
   */
  NOT_READY: 'NOT_READY',
  /**
   * The follower is not a replica of the partition, or is fenced.
   */
  FENCED_REPLICA: 'FENCED_REPLICA',
} as const

/**
 * Every reason. The number is Kafka's where Kafka has the reason; from 1000 on they are ours.
 */
export type ErrorCode =
  /**
   * Not an error.
   */
  | 'NO_ERROR'
  | 0
  /**
   * The offset is outside the log.
   */
  | 'OFFSET_OUT_OF_RANGE'
  | 1
  /**
   * The checksum or the shape of a batch is wrong.
   */
  | 'CORRUPT_MESSAGE'
  | 2
  /**
   * No such topic or partition here.
   */
  | 'UNKNOWN_TOPIC_OR_PARTITION'
  | 3
  /**
   * Nobody leads the partition now.
   */
  | 'LEADER_NOT_AVAILABLE'
  | 5
  /**
   * Another broker leads the partition.
   */
  | 'NOT_LEADER_OR_FOLLOWER'
  | 6
  /**
   * Not done in time; it may be done later.
   */
  | 'REQUEST_TIMED_OUT'
  | 7
  /**
   * The broker cannot serve now.
   */
  | 'BROKER_NOT_AVAILABLE'
  | 8
  /**
   * A record or frame is longer than allowed.
   */
  | 'MESSAGE_TOO_LARGE'
  | 10
  /**
   * The topic's name is not allowed.
   */
  | 'INVALID_TOPIC_EXCEPTION'
  | 17
  /**
   * A batch is longer than a segment.
   */
  | 'RECORD_LIST_TOO_LARGE'
  | 18
  /**
   * Fewer in-sync replicas than min.insync.replicas; nothing was written.
   */
  | 'NOT_ENOUGH_REPLICAS'
  | 19
  /**
   * Written by the leader, not yet by enough replicas.
   */
  | 'NOT_ENOUGH_REPLICAS_AFTER_APPEND'
  | 20
  /**
   * acks is none of 0, 1 and all.
   */
  | 'INVALID_REQUIRED_ACKS'
  | 21
  /**
   * The caller may not use this topic.
   */
  | 'TOPIC_AUTHORIZATION_FAILED'
  | 29
  /**
   * The caller may not do this to the cluster.
   */
  | 'CLUSTER_AUTHORIZATION_FAILED'
  | 31
  /**
   * A record's time is out of bounds.
   */
  | 'INVALID_TIMESTAMP'
  | 32
  /**
   * No version, or no operation, that both sides know.
   */
  | 'UNSUPPORTED_VERSION'
  | 35
  /**
   * A topic of this name is there.
   */
  | 'TOPIC_ALREADY_EXISTS'
  | 36
  /**
   * The number of partitions is not allowed.
   */
  | 'INVALID_PARTITIONS'
  | 37
  /**
   * The number of replicas is not allowed, or there are fewer brokers.
   */
  | 'INVALID_REPLICATION_FACTOR'
  | 38
  /**
   * The replicas named for a partition cannot be.
   */
  | 'INVALID_REPLICA_ASSIGNMENT'
  | 39
  /**
   * A setting is unknown or its value is out of bounds.
   */
  | 'INVALID_CONFIG'
  | 40
  /**
   * Another node is the active controller.
   */
  | 'NOT_CONTROLLER'
  | 41
  /**
   * The request contradicts itself.
   */
  | 'INVALID_REQUEST'
  | 42
  /**
   * A policy of the cluster forbids it.
   */
  | 'POLICY_VIOLATION'
  | 44
  /**
   * A batch of an idempotent producer does not follow its last one.
   */
  | 'OUT_OF_ORDER_SEQUENCE_NUMBER'
  | 45
  /**
   * A newer incarnation of the producer took over.
   */
  | 'INVALID_PRODUCER_EPOCH'
  | 47
  /**
   * Left undone because of another part of the request.
   */
  | 'OPERATION_NOT_ATTEMPTED'
  | 55
  /**
   * The disk of the node failed; it may have been written.
   */
  | 'KAFKA_STORAGE_ERROR'
  | 56
  /**
   * The log knows nothing of this producer id.
   */
  | 'UNKNOWN_PRODUCER_ID'
  | 59
  /**
   * The caller's leader epoch is older than the partition's.
   */
  | 'FENCED_LEADER_EPOCH'
  | 74
  /**
   * The caller's leader epoch is newer than the partition's.
   */
  | 'UNKNOWN_LEADER_EPOCH'
  | 75
  /**
   * The codec of a batch is unknown.
   */
  | 'UNSUPPORTED_COMPRESSION_TYPE'
  | 76
  /**
   * The broker has registered again since.
   */
  | 'STALE_BROKER_EPOCH'
  | 77
  /**
   * The preferred replica cannot lead now.
   */
  | 'PREFERRED_LEADER_NOT_AVAILABLE'
  | 80
  /**
   * The right replica leads already.
   */
  | 'ELECTION_NOT_NEEDED'
  | 84
  /**
   * A record of the batch is not allowed here.
   */
  | 'INVALID_RECORD'
  | 87
  /**
   * The voters of the request are not the quorum's.
   */
  | 'INCONSISTENT_VOTER_SET'
  | 94
  /**
   * The partition has changed since the caller looked.
   */
  | 'INVALID_UPDATE_VERSION'
  | 95
  /**
   * No topic of this id here.
   */
  | 'UNKNOWN_TOPIC_ID'
  | 100
  /**
   * Another live broker has this id.
   */
  | 'DUPLICATE_BROKER_REGISTRATION'
  | 101
  /**
   * The broker is not registered.
   */
  | 'BROKER_ID_NOT_REGISTERED'
  | 102
  /**
   * The topic's id is not the one expected.
   */
  | 'INCONSISTENT_TOPIC_ID'
  | 103
  /**
   * The node belongs to another cluster.
   */
  | 'INCONSISTENT_CLUSTER_ID'
  | 104
  /**
   * A replica named for the ISR may not join it.
   */
  | 'INELIGIBLE_REPLICA'
  | 107
  /**
   * A defect or fault of the node; Kafka's -1.
   */
  | 'UNKNOWN_SERVER_ERROR'
  | 1000
  /**
   * The disk is full or under its reserve; nothing was written.
   */
  | 'STORAGE_FULL'
  | 1001
  /**
   * The controller lost its role or its store before it knew; the change may be committed.
   */
  | 'UNKNOWN_OUTCOME'
  | 1002
  /**
   * A queue of the node is full; nothing happened.
   */
  | 'THROTTLED'
  | 1003
  /**
   * The node is starting or stopping; nothing happened.
   */
  | 'NOT_READY'
  | 1004
  /**
   * The follower is not a replica of the partition, or is fenced.
   */
  | 'FENCED_REPLICA'
  | 1005

/**
 * Every reason. The number is Kafka's where Kafka has the reason; from 1000 on they are ours.
 */
export type ErrorCode__Output = (typeof ErrorCode)[keyof typeof ErrorCode]
