"""What the desk finds cases by: the texts of cases and conversations under an index of words; views, phrases, macros.

Triggers keep the texts, in the transaction that writes what they come from. The words are indexed by FTS5 on SQLite and
by a GIN index on PostgreSQL; both fold case and accents and know no language.
"""

# ruff: noqa: S608 (the statements are put together from the names in this file alone)
import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0017"
branch_labels = None
depends_on = None

_COLUMNS = "kind, conversation_id, case_id, seq, at, text"
_SAID = "sender IN ('customer', 'agent') AND text <> ''"
_KIND_OF_STEP = "CASE {0}step WHEN 'note' THEN 'note' WHEN 'resolve' THEN 'outcome' ELSE 'reason' END"


def _case(row: str, order: str) -> str:
    """What a case is found by as a whole: number, problem, order number, the customer's name."""
    return (
        f"SELECT 'case', {row}conversation_id, {row}id, NULL, {row}opened_at, 'WL-' || {row}number || ' · ' || "
        f"{row}problem || COALESCE(' · ' || {order}, '') || COALESCE(' · ' || customers.name, '')"
    )


def _customer(conversation: str, case: str, at: str, email: str) -> str:
    return (
        f"SELECT 'customer', {conversation}, {case}, NULL, {at}, "
        f"COALESCE(customers.name, '') || ' ' || COALESCE({email}, '')"
    )


def _texts(order: str) -> dict[str, tuple[str, str]]:
    """By table and occasion: when a row is written, and what is kept of it. ``order`` reads a case's order number."""
    of_customer = "FROM customers WHERE customers.id = NEW.customer_id"
    known = "COALESCE(customers.name, customers.email) IS NOT NULL"
    new_order, old_order = order.format("NEW."), order.format("OLD.")
    changed = f"NEW.problem <> OLD.problem OR COALESCE({new_order}, '') <> COALESCE({old_order}, '')"
    renamed = "COALESCE(NEW.name, '') <> COALESCE(OLD.name, '') OR COALESCE(NEW.email, '') <> COALESCE(OLD.email, '')"
    return {
        "message": (
            "AFTER INSERT ON messages",
            "SELECT CASE NEW.sender WHEN 'agent' THEN 'reply' ELSE 'message' END, NEW.conversation_id, NULL, NEW.seq, "
            "NEW.created_at, NEW.text WHERE NEW.sender IN ('customer', 'agent') AND NEW.text <> ''",
        ),
        "case": ("AFTER INSERT ON cases", f"{_case('NEW.', new_order)} {of_customer}"),
        "case_changed": (
            "AFTER UPDATE OF problem, context ON cases",
            f"{_case('NEW.', new_order)} {of_customer} AND ({changed})",
        ),
        "case_customer": (
            "AFTER INSERT ON cases",
            _customer("NEW.conversation_id", "NEW.id", "NEW.opened_at", "customers.email")
            + f" {of_customer} AND {known}",
        ),
        "event": (
            "AFTER INSERT ON case_events",
            f"SELECT {_KIND_OF_STEP.format('NEW.')}, cases.conversation_id, NEW.case_id, NULL, NEW.at, NEW.text "
            "FROM cases WHERE cases.id = NEW.case_id AND NEW.text <> ''",
        ),
        "customer": (
            "AFTER UPDATE OF name, email ON customers",
            "SELECT 'customer', cases.conversation_id, cases.id, NULL, cases.opened_at, "
            "COALESCE(NEW.name, '') || ' ' || COALESCE(NEW.email, '') FROM cases "
            f"WHERE cases.customer_id = NEW.id AND ({renamed})",
        ),
        "contact": (
            "AFTER UPDATE OF contact_email ON conversations",
            f"{_customer('NEW.id', 'NULL', 'NEW.last_activity_at', 'NEW.contact_email')} {of_customer} "
            "AND NEW.contact_email IS NOT NULL AND NEW.contact_email <> COALESCE(OLD.contact_email, '')",
        ),
    }


def _what_stands(order: str) -> tuple[str, ...]:
    """What is kept of the rows of before, oldest first."""
    join = "FROM cases JOIN customers ON customers.id = cases.customer_id"
    contact = _customer("conversations.id", "NULL", "conversations.last_activity_at", "conversations.contact_email")
    return (
        "SELECT CASE sender WHEN 'agent' THEN 'reply' ELSE 'message' END, conversation_id, NULL, seq, created_at, text "
        f"FROM messages WHERE {_SAID} ORDER BY created_at",
        f"SELECT {_KIND_OF_STEP.format('case_events.')}, cases.conversation_id, case_events.case_id, NULL, "
        "case_events.at, case_events.text FROM case_events JOIN cases ON cases.id = case_events.case_id "
        "WHERE case_events.text <> '' ORDER BY case_events.id",
        f"{_customer('cases.conversation_id', 'cases.id', 'cases.opened_at', 'customers.email')} {join} "
        "WHERE COALESCE(customers.name, customers.email) IS NOT NULL ORDER BY cases.opened_at",
        f"{contact} FROM conversations JOIN customers ON customers.id = conversations.customer_id "
        "WHERE conversations.contact_email IS NOT NULL ORDER BY conversations.last_activity_at",
        f"{_case('cases.', order.format('cases.'))} {join} ORDER BY cases.opened_at",
    )


_SQLITE_ORDER = "json_extract({0}context, '$.facts.order_number')"
_POSTGRES_ORDER = "({0}context -> 'facts' ->> 'order_number')"
_PLAIN = (
    "CREATE FUNCTION search_words_of(said text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS "
    "$$ SELECT to_tsvector('simple'::regconfig, regexp_replace(regexp_replace(normalize(lower(said), NFKD), "
    "'[\\u0300-\\u036f]', '', 'g'), '[^[:alnum:]]+', ' ', 'g')) $$"
)


def upgrade() -> None:
    """Make the tables, take in what stands, and keep it up from now on."""
    op.create_table(
        "search_texts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("conversation_id", sa.String(64), nullable=False),
        sa.Column("case_id", sa.String(64), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_texts"),
    )
    op.create_index("ix_search_texts_conversation_id", "search_texts", ["conversation_id"], unique=False)
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        _index_on_sqlite()
    order = _SQLITE_ORDER if is_sqlite else _POSTGRES_ORDER
    for query in _what_stands(order):
        op.execute(f"INSERT INTO search_texts ({_COLUMNS}) {_escaped(query)}")
    if not is_sqlite:
        op.execute(_escaped(_PLAIN))
        op.execute("CREATE INDEX search_words ON search_texts USING gin (search_words_of(text))")
    for name, (when, query) in _texts(order).items():
        keep = f"INSERT INTO search_texts ({_COLUMNS}) {query}"
        if is_sqlite:
            op.execute(_escaped(f"CREATE TRIGGER search_{name} {when} BEGIN {keep}; END"))
        else:
            op.execute(
                _escaped(
                    f"CREATE FUNCTION search_{name}() RETURNS trigger LANGUAGE plpgsql AS "
                    f"$$ BEGIN {keep}; RETURN NULL; END $$"
                )
            )
            op.execute(f"CREATE TRIGGER search_{name} {when} FOR EACH ROW EXECUTE FUNCTION search_{name}()")
    _make_tools()


def _escaped(sql: str) -> sa.TextClause:
    """The statement with its colons as they stand: none of them is a parameter."""
    return sa.text(sql.replace(":", "\\:"))


def _index_on_sqlite() -> None:
    op.execute(
        "CREATE VIRTUAL TABLE search_words USING fts5(text, content='search_texts', content_rowid='id', "
        "tokenize='unicode61 remove_diacritics 2', prefix='2 3')"
    )
    op.execute(
        "CREATE TRIGGER search_texts_added AFTER INSERT ON search_texts BEGIN "
        "INSERT INTO search_words (rowid, text) VALUES (NEW.id, NEW.text); END"
    )
    op.execute(
        "CREATE TRIGGER search_texts_taken AFTER DELETE ON search_texts BEGIN "
        "INSERT INTO search_words (search_words, rowid, text) VALUES ('delete', OLD.id, OLD.text); END"
    )


def _make_tools() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("agent_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("query", sa.String(400), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_saved_views_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_saved_views"),
    )
    op.create_index("ix_saved_views_agent_id", "saved_views", ["agent_id"], unique=False)
    op.create_table(
        "own_responses",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("agent_id", sa.String(64), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_own_responses_agent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_own_responses"),
    )
    op.create_index("ix_own_responses_agent_id", "own_responses", ["agent_id"], unique=False)
    op.create_table(
        "macro_runs",
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("macro", sa.String(64), nullable=False),
        sa.Column("agent_id", sa.String(64), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_macro_runs_case_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name="fk_macro_runs_agent_id"),
        sa.PrimaryKeyConstraint("case_id", "client_id", name="pk_macro_runs"),
    )


def downgrade() -> None:
    """Take it back."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for name, (when, _) in _texts("").items():
        table = when.rpartition(" ")[2]
        op.execute(f"DROP TRIGGER search_{name}" + ("" if is_sqlite else f" ON {table}"))
        if not is_sqlite:
            op.execute(f"DROP FUNCTION search_{name}()")
    if is_sqlite:
        op.execute("DROP TABLE search_words")
    op.drop_table("search_texts")
    if not is_sqlite:
        op.execute("DROP FUNCTION search_words_of(text)")
    for table in ("macro_runs", "own_responses", "saved_views"):
        op.drop_table(table)
