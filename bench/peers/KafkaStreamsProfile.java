/*
 * The profile as a Kafka Streams application: what kindling's sink is measured against.
 *
 * It reads the same packs, skips what it has had by source coordinates and by message id, folds each event into a
 * person of the same parts, and keeps the persons in a RocksDB store whose changelog is written exactly once.
 * What every event means is written out here for the traffic of bench/profile/traffic.py alone: no rules of a program,
 * no triggers, no consents, no dead letters, so it does less than the service.
 *
 * Run by the source launcher: java -cp JARS KafkaStreamsProfile.java BOOTSTRAP TOPIC APPLICATION FOLDER
 */

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

public final class KafkaStreamsProfile {
    static final String PERSONS = "persons";
    static final String SOURCES = "sources";
    static final int COMMIT_INTERVAL_MS = 100; // the default of exactly_once_v2
    static final int BATCH_BYTES = 524_288; // as kindling's producer; at 16 KB, the default, five values fill one
    static final long CACHE_BYTES = 64L << 20; // of the stores; at 10 MB, the default, persons are evicted all the time
    static final ObjectMapper JSON =
            new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

    public static void main(String[] words) throws InterruptedException {
        KafkaStreams streams = new KafkaStreams(topology(words[1]), settings(words));
        CountDownLatch ended = new CountDownLatch(1);
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
                System.out.println("{\"action\":\"owned\"}");
            } else if (now == KafkaStreams.State.ERROR || now == KafkaStreams.State.NOT_RUNNING) {
                ended.countDown();
            }
        });
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(10))));
        streams.start();
        ended.await();
    }

    static Topology topology(String packs) {
        StoreBuilder<KeyValueStore<String, Person>> persons = Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(PERSONS), Serdes.String(), serde(Person.class))
                .withCachingEnabled();
        StoreBuilder<KeyValueStore<String, Place>> sources = Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(SOURCES), Serdes.String(), serde(Place.class))
                .withCachingEnabled();
        return new Topology()
                .addSource("packs", new ByteArrayDeserializer(), new ByteArrayDeserializer(), packs)
                .addProcessor("fold", Fold::new, "packs")
                .addStateStore(persons, "fold")
                .addStateStore(sources, "fold");
    }

    static Properties settings(String[] words) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, words[0]);
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, words[2]);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, words[3]);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_INTERVAL_MS);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, CACHE_BYTES);
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), BATCH_BYTES);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        return settings;
    }

    /** Folds the packs of one partition. A person is read and written once a pack, however many of its events are theirs. */
    static final class Fold implements Processor<byte[], byte[], Void, Void> {
        private static final ObjectReader PACKS = JSON.readerFor(Pack.class);
        private KeyValueStore<String, Person> persons;
        private KeyValueStore<String, Place> sources;

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            persons = context.getStateStore(PERSONS);
            sources = context.getStateStore(SOURCES);
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            Map<String, Person> touched = new HashMap<>();
            Map<String, Place> passed = new HashMap<>();
            for (Event event : pack(record.value()).events) {
                String source = event.at.topic() + "/" + event.at.partition();
                Place last = passed.computeIfAbsent(source, sources::get);
                if (last == null || last.isBefore(event.at)) {
                    passed.put(source, new Place(event.at.offset(), event.at.place()));
                    touched.computeIfAbsent(event.person, this::read).fold(event);
                }
            }
            touched.forEach(persons::put);
            passed.forEach(sources::put);
        }

        private Person read(String id) {
            Person person = persons.get(id);
            return person == null ? new Person() : person;
        }

        private static Pack pack(byte[] raw) {
            try {
                return PACKS.readValue(raw);
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        }
    }

    /** One person. A row of an interest holds the amounts of its months, in millionths, as of the month's start. */
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public static final class Person {
        static final int MOST = 2_048;
        static final int MARK = 6; // characters: 36 bits of the id's hash in base64
        static final int KEPT_DAYS = 30;
        static final long DAY_MS = 86_400_000;
        static final int MAX_SIGNALS = 20;
        static final int SIGNALS_SLACK = 10;
        static final int MAX_INTERESTS = 128;
        static final int INTERESTS_SLACK = 32;
        static final double HALF_LIFE_MS = 30 * 86_400_000.0;

        public int v = 1;
        public int n;
        public long newest;
        public String seen = "";
        public List<int[]> seen_days = new ArrayList<>(); // day, and how many marks came on it
        public Map<String, Map<String, Long>> i = new HashMap<>();
        public Map<String, Signal> sig = new HashMap<>();
        public Map<String, Integer> hour = new HashMap<>();
        public Map<String, Trait> fact = new HashMap<>();
        public Trait lang;

        void fold(Event event) {
            String mark = Marks.of(event);
            if (seen.contains(mark)) {
                return;
            }
            remember(mark, (int) (event.received_ms / DAY_MS));
            n++;
            newest = Math.max(newest, event.time_ms);
            hour.merge(String.valueOf((event.time_ms / 3_600_000 + 72) % 168), 1, Integer::sum);
            declare(event);
            Meaning meaning = Meaning.of(event);
            if (meaning != null) {
                grow(meaning, event.time_ms);
                count(meaning, event);
            }
        }

        private void remember(String mark, int day) {
            int[] last = seen_days.isEmpty() ? null : seen_days.get(seen_days.size() - 1);
            if (last != null && day <= last[0]) {
                last[1]++;
            } else {
                while (!seen_days.isEmpty() && seen_days.get(0)[0] < day - KEPT_DAYS) {
                    seen = seen.substring(seen_days.remove(0)[1] * MARK);
                }
                seen_days.add(new int[] {day, 1});
            }
            seen = seen.concat(mark);
            if (seen.length() > MOST * MARK) {
                seen = seen.substring(MARK);
                if (--seen_days.get(0)[1] == 0) {
                    seen_days.remove(0);
                }
            }
        }

        private void declare(Event event) {
            int rank = event.trusted ? 2 : 0;
            if (event.language != null && isNewer(lang, rank, event.time_ms)) {
                lang = new Trait(rank, event.time_ms, event.language, "");
            }
            if (event.traits != null) {
                event.traits.forEach((name, value) -> {
                    if (isNewer(fact.get(name), rank, event.time_ms)) {
                        String said = String.valueOf(value);
                        fact.put(name, new Trait(rank, event.time_ms, said, event.kind + ":" + event.name));
                    }
                });
            }
        }

        private static boolean isNewer(Trait known, int rank, long time) {
            return known == null || rank > known.rank() || (rank == known.rank() && time >= known.time());
        }

        private void grow(Meaning meaning, long time) {
            Month month = Month.of(time);
            long amount = Math.round(meaning.weight() * Math.pow(2, (time - month.start()) / HALF_LIFE_MS) * 1e6);
            if (meaning.item() != null) {
                add("item:" + meaning.item(), month.key(), amount);
            }
            if (meaning.topic() != null) {
                add("topic:" + meaning.topic(), month.key(), amount);
            }
            if (i.size() > MAX_INTERESTS + INTERESTS_SLACK) {
                keep(i, MAX_INTERESTS, amounts -> amounts.values().stream().mapToLong(Long::longValue).max().orElse(0));
            }
        }

        private void add(String interest, String month, long amount) {
            i.computeIfAbsent(interest, unused -> new HashMap<>(2)).merge(month, amount, Long::sum);
        }

        private void count(Meaning meaning, Event event) {
            Signal known = sig.get(meaning.key());
            long last = known == null ? event.time_ms : Math.max(known.last(), event.time_ms);
            int times = known == null ? 1 : known.times() + 1;
            double weight = known == null ? meaning.weight() : Math.max(known.weight(), meaning.weight());
            List<String> topics = meaning.topic() == null ? List.of() : List.of(meaning.topic());
            String speaker = event.trusted ? "server" : "anonymous_browser";
            sig.put(meaning.key(), new Signal(last, times, weight, speaker, meaning.titleBesideKey(), topics));
            if (sig.size() > MAX_SIGNALS + SIGNALS_SLACK) {
                keep(sig, MAX_SIGNALS, this::salience);
            }
        }

        private double salience(Signal row) {
            double decayed = Math.pow(2, Math.min(0, (row.last() - newest) / HALF_LIFE_MS));
            return row.weight() * decayed * (1 + Math.log(row.times()) / Math.log(2));
        }

        private static <Row> void keep(Map<String, Row> rows, int most, ToDoubleFunction<Row> rank) {
            Comparator<Map.Entry<String, Row>> order =
                    Comparator.comparingDouble(entry -> rank.applyAsDouble(entry.getValue()));
            List<String> least = rows.entrySet().stream()
                    .sorted(order)
                    .limit(rows.size() - most)
                    .map(Map.Entry::getKey)
                    .toList();
            least.forEach(rows::remove);
        }
    }

    /** One signal; its key says its kind, and its item or else its title. */
    @JsonFormat(shape = JsonFormat.Shape.ARRAY)
    @JsonPropertyOrder({"last", "times", "weight", "speaker", "title", "topics"})
    public record Signal(
            long last, int times, double weight, String speaker, String title, List<String> topics) {}

    @JsonFormat(shape = JsonFormat.Shape.ARRAY)
    @JsonPropertyOrder({"rank", "time", "value", "source"})
    public record Trait(int rank, long time, String value, String source) {}

    /** How far a source is folded. */
    @JsonFormat(shape = JsonFormat.Shape.ARRAY)
    @JsonPropertyOrder({"offset", "place"})
    public record Place(long offset, int place) {
        boolean isBefore(Coordinates at) {
            return at.offset() > offset || (at.offset() == offset && at.place() > place);
        }
    }

    public static final class Pack {
        public int v;
        public List<Event> events;
    }

    public static final class Event {
        public String id;
        public String person;
        public String kind;
        public String name;
        public long time_ms;
        public long received_ms;
        public Coordinates at;
        public boolean trusted;
        public String language;
        public String path;
        public String title;
        public String url;
        public Map<String, Object> properties;
        public Map<String, Object> traits;
    }

    @JsonFormat(shape = JsonFormat.Shape.ARRAY)
    @JsonPropertyOrder({"topic", "partition", "offset", "place"})
    public record Coordinates(String topic, int partition, long offset, int place) {}

    /** What an event of the traffic says, as examples/academy/signals.yaml has it; null where it says nothing. */
    record Meaning(String kind, double weight, String item, String topic, String title) {
        static final String COURSES = "/courses/";
        static final String BLOG = "/blog/";

        String key() {
            return kind + "|" + (item == null ? title : item);
        }

        /** The title, where the key does not say it. */
        String titleBesideKey() {
            return item == null || item.equals(title) ? null : title;
        }

        static Meaning of(Event event) {
            return switch (event.kind) {
                case "page" -> ofPage(event.path, event.title);
                case "track" -> ofTrack(event.name, event.properties);
                case "conversion" -> new Meaning(
                        "conversion", 1.5, null, text(event.properties, "topic"), text(event.properties, "title"));
                default -> null;
            };
        }

        private static Meaning ofPage(String path, String title) {
            if (path.startsWith(COURSES)) {
                return new Meaning("course", 1.0, path.substring(COURSES.length()), null, title);
            }
            if (path.startsWith(BLOG)) {
                String topic = path.substring(BLOG.length(), path.indexOf('/', BLOG.length()));
                return new Meaning("read", 0.6, null, topic, title);
            }
            return null;
        }

        private static Meaning ofTrack(String name, Map<String, Object> properties) {
            String topic = text(properties, "topic");
            return switch (name) {
                case "Video Watched" -> new Meaning("watched", 1.0, null, topic, name);
                case "Course Viewed" -> {
                    String course = text(properties, "course_id");
                    yield new Meaning("course", 1.0, course, topic, course);
                }
                case "Site Searched" -> new Meaning("search", 0.8, null, topic, name);
                case "Quiz Completed" -> new Meaning("quiz", 1.2, null, topic, name);
                case "Template Copied", "Calculator Used" -> new Meaning("used", 1.2, null, topic, name);
                default -> null;
            };
        }

        private static String text(Map<String, Object> properties, String name) {
            return properties.get(name) instanceof String text ? text : null;
        }
    }

    /** The month of a time: its key, months since 1970, and its start in milliseconds. */
    record Month(String key, long start) {
        private static final Map<Long, Month> BY_DAY = new HashMap<>(); // of one stream thread

        static Month of(long time) {
            return BY_DAY.computeIfAbsent(Math.floorDiv(time, 86_400_000L), day -> {
                LocalDate first = LocalDate.ofEpochDay(day).withDayOfMonth(1);
                int number = (first.getYear() - 1970) * 12 + first.getMonthValue() - 1;
                long start = first.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
                return new Month(String.valueOf(number), start);
            });
        }
    }

    /** By which a message is known again: a bar, and 48 bits of the hash of its id within its name space. */
    static final class Marks {
        private static final Base64.Encoder BASE64 = Base64.getEncoder();
        private static final ThreadLocal<MessageDigest> HASH = ThreadLocal.withInitial(() -> {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException error) {
                throw new IllegalStateException(error);
            }
        });

        static String of(Event event) {
            String said = (event.trusted ? "server/" : "browser/") + event.id;
            byte[] hash = HASH.get().digest(said.getBytes(StandardCharsets.UTF_8));
            return BASE64.encodeToString(Arrays.copyOf(hash, 6)).substring(0, Person.MARK);
        }
    }

    static <Value> Serde<Value> serde(Class<Value> type) {
        ObjectReader reader = JSON.readerFor(type);
        ObjectWriter writer = JSON.writerFor(type);
        return Serdes.serdeFrom(
                (topic, value) -> {
                    try {
                        return value == null ? null : writer.writeValueAsBytes(value);
                    } catch (IOException error) {
                        throw new UncheckedIOException(error);
                    }
                },
                (topic, raw) -> {
                    try {
                        return raw == null ? null : reader.readValue(raw);
                    } catch (IOException error) {
                        throw new UncheckedIOException(error);
                    }
                });
    }
}
