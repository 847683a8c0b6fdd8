// Writes records to a Kafka broker with Kafka's own clients (`write BOOTSTRAP`), and says what stands in
// the broker's segment files, as Kafka's own reader sees it (`read LOG_DIR OUT_FILE`): a line of JSON a
// topic, with the segment's bytes in base64. Run by make.ts.
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.FileLogInputStream;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public class Fixtures {
  static final long START_MS = 1_700_000_000_000L;
  static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");

  public static void main(String[] args) throws Exception {
    if (args[0].equals("write")) write(args[1]);
    else read(Path.of(args[1]), Path.of(args[2]));
  }

  static void write(String bootstrap) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      List<NewTopic> topics = new ArrayList<>();
      for (String codec : CODECS) topics.add(topic("codec-" + codec, Map.of()));
      topics.add(topic("repacked-zstd", Map.of("compression.type", "zstd")));
      topics.add(topic("append-time", Map.of("message.timestamp.type", "LogAppendTime")));
      topics.add(topic("transactions", Map.of()));
      topics.add(topic("no-producer-id", Map.of()));
      admin.createTopics(topics).all().get();
    }
    for (String codec : CODECS) {
      try (var producer = producer(bootstrap, Map.of("compression.type", codec))) {
        mixed(producer, "codec-" + codec, 0);
        mixed(producer, "codec-" + codec, 1);
      }
    }
    try (var producer = producer(bootstrap, Map.of("compression.type", "gzip"))) {
      mixed(producer, "repacked-zstd", 0);
    }
    try (var producer = producer(bootstrap, Map.of("compression.type", "snappy"))) {
      mixed(producer, "append-time", 0);
    }
    try (var producer = producer(bootstrap, Map.of("enable.idempotence", "false"))) {
      mixed(producer, "no-producer-id", 0);
    }
    try (var producer = producer(bootstrap, Map.of("transactional.id", "fixtures"))) {
      producer.initTransactions();
      producer.beginTransaction();
      mixed(producer, "transactions", 0);
      producer.commitTransaction();
      producer.beginTransaction();
      mixed(producer, "transactions", 1);
      producer.abortTransaction();
      producer.beginTransaction();
      send(producer, "transactions", 99, bytes("last"), bytes("committed"));
      producer.commitTransaction();
    }
  }

  static NewTopic topic(String name, Map<String, String> configs) {
    // One segment that stays, whatever the times of its records.
    Map<String, String> all = new HashMap<>(configs);
    all.put("segment.ms", String.valueOf(Long.MAX_VALUE));
    all.put("retention.ms", "-1");
    return new NewTopic(name, 1, (short) 1).configs(all);
  }

  static KafkaProducer<byte[], byte[]> producer(String bootstrap, Map<String, String> more) {
    Map<String, Object> configs = new HashMap<>(more);
    configs.put("bootstrap.servers", bootstrap);
    configs.put("linger.ms", "10000");
    return new KafkaProducer<>(configs, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Keys and values absent, empty, short and long, repeated and absent headers, times going back: one batch. */
  static void mixed(KafkaProducer<byte[], byte[]> producer, String topic, int round) {
    send(producer, topic, 0, bytes("key"), bytes("value " + round));
    send(producer, topic, 1, null, bytes("no key"));
    send(producer, topic, 2, bytes("no value"), null);
    send(producer, topic, 3, null, null);
    send(producer, topic, 4, bytes(""), bytes(""));
    send(producer, topic, -5_000, bytes("earlier"), bytes("than the first"));
    send(producer, topic, 6, bytes("Schlüssel"), bytes("🦊 und Ähnliches"), "trace", "abc", "été", "", "null", null);
    send(producer, topic, 7, bytes("twice"), bytes("the same header"), "h", "1", "h", "2");
    byte[] noise = new byte[300];
    new Random(round).nextBytes(noise);
    send(producer, topic, 8, bytes("noise"), noise);
    send(producer, topic, 9, bytes("long"), bytes("the same words, again and again; ".repeat(60)));
    producer.flush();
  }

  static void send(KafkaProducer<byte[], byte[]> producer, String topic, long ms, byte[] key, byte[] value, String... headers) {
    var record = new ProducerRecord<>(topic, 0, START_MS + ms, key, value);
    for (int at = 0; at < headers.length; at += 2)
      record.headers().add(headers[at], headers[at + 1] == null ? null : bytes(headers[at + 1]));
    producer.send(record);
  }

  static void read(Path logDir, Path outFile) throws Exception {
    List<String> lines = new ArrayList<>();
    File[] folders = logDir.toFile().listFiles(File::isDirectory);
    Arrays.sort(folders);
    for (File folder : folders) {
      if (folder.getName().startsWith("__") || !folder.getName().endsWith("-0")) continue;
      File segment = new File(folder, "00000000000000000000.log");
      List<String> batches = new ArrayList<>();
      // Segments of a running or killed broker may be longer than what is in them.
      int end = 0;
      try (FileRecords records = FileRecords.open(segment, false)) {
        for (FileLogInputStream.FileChannelRecordBatch batch : records.batches()) {
          batch.ensureValid();
          batches.add(batch(batch));
          end += batch.sizeInBytes();
        }
      }
      byte[] all = Arrays.copyOf(Files.readAllBytes(segment.toPath()), end);
      String name = folder.getName().substring(0, folder.getName().length() - 2);
      lines.add(object("topic", quoted(name), "segment", base64(all), "batches", batches));
    }
    Files.write(outFile, lines);
  }

  static String batch(RecordBatch batch) {
    List<String> records = new ArrayList<>();
    for (Record record : batch) records.add(record(record));
    return object(
        "baseOffset", batch.baseOffset(),
        "lastOffset", batch.lastOffset(),
        "leaderEpoch", batch.partitionLeaderEpoch(),
        "compression", quoted(batch.compressionType().name),
        "hasLogAppendTime", batch.timestampType() == TimestampType.LOG_APPEND_TIME,
        "isTransactional", batch.isTransactional(),
        "isControl", batch.isControlBatch(),
        "producerId", batch.producerId(),
        "producerEpoch", batch.producerEpoch(),
        "baseSequence", batch.baseSequence(),
        "maxTimestampMs", batch.maxTimestamp(),
        "records", records);
  }

  static String record(Record record) {
    List<String> headers = Arrays.stream(record.headers())
        .map(header -> "[" + quoted(header.key()) + "," + base64(header.value()) + "]")
        .collect(Collectors.toList());
    return object(
        "offset", record.offset(),
        "timestampMs", record.timestamp(),
        "key", base64(record.hasKey() ? buffer(record.key()) : null),
        "value", base64(record.hasValue() ? buffer(record.value()) : null),
        "headers", headers);
  }

  static String object(Object... fields) {
    StringBuilder text = new StringBuilder("{");
    for (int at = 0; at < fields.length; at += 2)
      text.append(at == 0 ? "" : ",").append(quoted((String) fields[at])).append(":").append(fields[at + 1]);
    return text.append("}").toString();
  }

  static String quoted(String text) {
    return "\"" + text + "\"";
  }

  static String base64(byte[] bytes) {
    return bytes == null ? "null" : quoted(Base64.getEncoder().encodeToString(bytes));
  }

  static byte[] buffer(java.nio.ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
