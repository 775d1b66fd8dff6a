"""The reference ESP connector: sends finished mails by SMTP, each at most once, and says what became of it.

Consumes: email.outbound, email.suppressions, control, aside.connector
Produces: email.feedback, aside.connector, dlq.connector
State: a ledger of message ids (SQLite, one folder): an id is claimed before its mail is sent. Replicas share the folder
On failure: a forged or broken mail is dead-lettered; a server that is away is asked again until the mail expires; a
    mail that is called off before its content begins is free again; a claim without an end is never sent again: its
    end is `unknown`, reason `unknown_after_restart`; so is one whose line was cut after its content began
"""
