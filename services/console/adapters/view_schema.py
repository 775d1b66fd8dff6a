"""The tables of the console's view. What a page asks for is read by an index, or was summed while records came.

`place` is a decision's row; instants are microseconds, days are days since 1970. `sums` hold the decisions of each
value of a filter by day, playbook, arm and ending; `acts` what happened, by spans of five minutes.
"""

DAY_MICROS = 86_400_000_000
ACT_MICROS = 300_000_000  # five minutes: a day of them is few rows, and an hour of them is an hour
ALL = "all"  # the sum of every decision; beside it those of a course, a topic, a rung

SCHEMA = """
CREATE TABLE decisions (
  place INTEGER PRIMARY KEY, decision_id TEXT NOT NULL UNIQUE, message_id TEXT, person TEXT NOT NULL,
  stage TEXT NOT NULL, ending TEXT NOT NULL, reason TEXT NOT NULL, event_name TEXT NOT NULL, ended_at INTEGER NOT NULL,
  retry_at INTEGER, course TEXT, rungs TEXT NOT NULL, playbook TEXT NOT NULL, arm TEXT NOT NULL,
  cost INTEGER NOT NULL
);
CREATE INDEX by_time ON decisions (ended_at, ending, arm, playbook);
CREATE INDEX by_ending ON decisions (ending, ended_at, arm, playbook);
CREATE INDEX by_arm ON decisions (arm, ended_at, ending, playbook);
CREATE INDEX by_playbook ON decisions (playbook, ended_at, ending, arm);
CREATE INDEX by_person ON decisions (person, ended_at, ending, arm, playbook);
CREATE TABLE bodies (place INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE marks (
  kind TEXT NOT NULL, value TEXT NOT NULL, ended_at INTEGER NOT NULL, place INTEGER NOT NULL,
  PRIMARY KEY (kind, value, ended_at, place)
) WITHOUT ROWID;
CREATE TABLE sums (
  kind TEXT NOT NULL, value TEXT NOT NULL, day INTEGER NOT NULL, playbook TEXT NOT NULL, arm TEXT NOT NULL,
  ending TEXT NOT NULL, count INTEGER NOT NULL, cost INTEGER NOT NULL,
  PRIMARY KEY (kind, value, day, playbook, arm, ending)
) WITHOUT ROWID;
CREATE TABLE choices (
  kind TEXT NOT NULL, value TEXT NOT NULL, label TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (kind, value)
) WITHOUT ROWID;
CREATE TABLE acts (
  span INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, count INTEGER NOT NULL, cost INTEGER NOT NULL,
  PRIMARY KEY (span, kind, name)
) WITHOUT ROWID;
CREATE TABLE names (name TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (name, person)) WITHOUT ROWID;
CREATE INDEX names_of ON names (person);
CREATE TABLE mails (
  decision_id TEXT PRIMARY KEY, person TEXT NOT NULL, subject TEXT NOT NULL, body BLOB NOT NULL
);
CREATE INDEX mails_of ON mails (person);
CREATE TABLE feedback (
  id TEXT PRIMARY KEY, message_id TEXT NOT NULL, decision_id TEXT, word TEXT NOT NULL, occurred_at INTEGER NOT NULL,
  body BLOB NOT NULL
);
CREATE INDEX feedback_by_message ON feedback (message_id);
CREATE INDEX feedback_by_decision ON feedback (decision_id);
CREATE TABLE forgotten (decision_id TEXT PRIMARY KEY);
"""
TABLES = ("decisions", "bodies", "marks", "sums", "choices", "acts", "names", "mails", "feedback", "forgotten")

PUT_DECISION = "INSERT INTO decisions VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
PUT_SUM = """
INSERT INTO sums VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET count = count + excluded.count, cost = cost + excluded.cost
"""
PUT_CHOICE = """
INSERT INTO choices VALUES (?, ?, ?, ?)
ON CONFLICT DO UPDATE SET count = count + excluded.count, label = excluded.label
"""
PUT_ACT = """
INSERT INTO acts VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET count = count + excluded.count, cost = cost + excluded.cost
"""
PUT_MAIL = """
INSERT OR REPLACE INTO mails SELECT :decision_id, :person, :subject, :body
WHERE NOT EXISTS (SELECT 1 FROM forgotten WHERE decision_id = :decision_id)
"""
PUT_FEEDBACK = """
INSERT OR IGNORE INTO feedback SELECT :id, :message_id, :decision_id, :word, :occurred_at, :body
WHERE NOT EXISTS (SELECT 1 FROM forgotten WHERE decision_id = :decision_id)
"""
FORGET_FEEDBACK = """
DELETE FROM feedback WHERE decision_id = :decision_id
OR message_id = (SELECT message_id FROM decisions WHERE decision_id = :decision_id)
"""
FORGET_NAMES = """
DELETE FROM names WHERE person = :person AND NOT EXISTS (SELECT 1 FROM decisions WHERE person = :person)
AND NOT EXISTS (SELECT 1 FROM mails WHERE person = :person)
"""
BODY = "SELECT body FROM bodies WHERE place = (SELECT place FROM decisions WHERE decision_id = ?)"
MAIL = "SELECT body FROM mails WHERE decision_id = ?"
FEEDBACK_OF = """
SELECT f.body FROM feedback f JOIN decisions d ON f.decision_id = d.decision_id OR f.message_id = d.message_id
WHERE d.decision_id = ? ORDER BY f.occurred_at, f.id
"""
BETWEEN = """
SELECT decision_id FROM decisions INDEXED BY by_time
WHERE ended_at >= ? AND ended_at < ? ORDER BY ended_at DESC, decision_id DESC LIMIT ?
"""
ACTS = "SELECT kind, name, sum(count), sum(cost) FROM acts WHERE span >= ? GROUP BY kind, name"
CHOICES = "SELECT value, label, count FROM choices WHERE kind = ? ORDER BY count DESC, value LIMIT ?"
ROWS = """
SELECT d.decision_id, d.person, d.stage, d.ending, d.reason, d.event_name, d.ended_at, d.retry_at, d.course,
  (SELECT m.subject FROM mails m WHERE m.decision_id = d.decision_id),
  (SELECT f.word FROM feedback f WHERE f.decision_id = d.decision_id OR f.message_id = d.message_id
   ORDER BY f.occurred_at DESC, f.id DESC LIMIT 1), d.rungs
"""
