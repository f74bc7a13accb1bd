#!/usr/bin/env bash
# The whole way of somebody new, on a clean directory: install the command, start projects, play with
# one in a browser, run it as in production, examine it, and repeat what it had to give up. What is in
# single quotes after `says`, `refuses` and `starts` is what they type.
set -euo pipefail
cd "$(dirname "$0")/.."
repository=$PWD

patience=120 # seconds for a program to say something
passed=0 failed=0
started=()
place=$(mktemp --directory)
seen=$place/seen

pass() {
    passed=$((passed + 1))
    printf 'ok      %s\n' "$1"
}

# What was expected, and what was seen.
fail() {
    failed=$((failed + 1))
    printf 'FAILED  %s\n  expected: %s\n  seen: %s\n' "$1" "$2" "$3"
    sed 's/^/  | /' "$seen"
}

# What comes after would only fail as well.
give_up() {
    fail "$@"
    exit 1
}

# The process and what it is the parent of are asked to end, and made to if they do not.
ends() {
    local pid=$1 deadline=$((SECONDS + 20))
    kill -TERM "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ]; do sleep 0.05; done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null
}

finish() {
    local status=$? pid
    for pid in "${started[@]}"; do ends "$pid" || true; done
    if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then
        fail "this script" "its end" "a command in it that ended with status $status, after"
    fi
    rm -rf "$place"
    printf '%d passed, %d failed\n' "$passed" "$failed"
    [ "$failed" -eq 0 ] || exit 1
}
trap finish EXIT
trap 'exit 130' INT TERM

# The command ends with this status, and prints this; nothing in particular if it is empty.
refuses() {
    local status=$1 text=$2 command=$3 ended=0
    bash -c "$command" >"$seen" 2>&1 </dev/null || ended=$?
    if [ "$ended" -eq "$status" ] && { [ -z "$text" ] || grep --quiet -F -e "$text" "$seen"; }; then
        pass "$command"
    else
        fail "$command" "status $status, and \"$text\"" "status $ended, and"
    fi
}

# The command succeeds, and prints this.
says() { refuses 0 "$@"; }

# The command prints this sooner or later.
comes_to_say() {
    local text=$1 command=$2 deadline=$((SECONDS + patience))
    until bash -c "$command" >"$seen" 2>&1 </dev/null &&
        grep --quiet -F -e "$text" "$seen"; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            fail "$command" "\"$text\" within $patience s" "to the last"
            return
        fi
        sleep 0.1
    done
    pass "$command"
}

# The command goes on beside, and says this. Its process is in $pid, and what it prints in a file.
starts() {
    local log=$1 text=$2 command=$3
    : >"$log"
    bash -c "exec $command" >"$log" 2>&1 </dev/null &
    pid=$!
    started+=("$pid")
    prints "$log" "$text" "$command"
}

# What goes on beside says this, too.
prints() {
    local log=$1 text=$2 name=$3 deadline=$((SECONDS + patience))
    until grep --quiet -F -e "$text" "$log"; do
        if [ "$SECONDS" -ge "$deadline" ] || ! kill -0 "$pid" 2>/dev/null; then
            cp "$log" "$seen"
            give_up "$name" "\"$text\" within $patience s" "until it ended, or to the last"
        fi
        sleep 0.1
    done
    pass "$name: $text"
}

# What goes on beside ends well when it is asked to.
stops() {
    local name=$1 ended=0
    ends "$pid" || ended=$?
    : >"$seen"
    if [ "$ended" -eq 0 ]; then
        pass "$name ends"
    else
        fail "$name ends" "status 0" "status $ended"
    fi
}

# Drives the simulator, as docs/simulator/control-api.md has it. The answer is in $seen.
control() {
    local body=()
    [ $# -lt 3 ] || body=(--header 'content-type: application/json' --data "$3")
    curl --silent --show-error --fail-with-body --request "$1" "${body[@]}" "$simulator/control/$2" \
        >"$seen" 2>&1 || give_up "the simulator: $1 $2 ${3-}" "success" "a refusal"
}

# A command of a project's README.
follow() {
    case $1 in
    'cargo test')
        says 'test result: ok' 'cargo test'
        if grep --quiet warning "$seen"; then fail "$1" 'no warnings' ''; fi
        ;;
    'cargo run')
        # However long it takes.
        says 'Finished' 'cargo build'
        starts ../run.log 'Be the customer and the agent' "$1"
        prints ../run.log 'the webhook was verified' "$1"
        stops "$1"
        ;;
    'handover dev'*)
        starts ../dev.log 'Be the customer and the agent' "$1 --port 0 --bot-port 0 --no-open"
        prints ../dev.log ' verification' "$1"
        stops "$1"
        ;;
    'handover doctor') refuses 1 'examining the simulator' "$1" ;;
    'cargo build --release --no-default-features')
        # Without `--release`, for which everything would be built once more.
        says 'Finished' 'cargo build --no-default-features'
        refuses 1 'MESSENGER_APP_SECRET' \
            'timeout 60 cargo run --no-default-features -- reception'
        unit_is_sound
        ;;
    'docker build --tag '*' .') ;;
    'python3 deploy/rolling_restart.py')
        says 'a restart is seen by nobody' "$1 --bot $CARGO_TARGET_DIR/debug/cluster-bot --late 8"
        ;;
    *) fail "$1" 'a command that is tried here' 'it in README.md' ;;
    esac
}

# The unit of a project, once its program is where it was built. What is wrong is only printed.
unit_is_sound() {
    local command='systemd-analyze verify --man=no deploy/bot.service'
    sed "s|/usr/local/bin/|$CARGO_TARGET_DIR/debug/|" deploy/bot.service >../bot.service
    if systemd-analyze verify --man=no ../bot.service >"$seen" 2>&1 && [ ! -s "$seen" ]; then
        pass "$command"
    else
        fail "$command" 'nothing' 'a mistake:'
    fi
}

# Nothing of whoever runs this speaks into it.
for variable in $(compgen -e | grep -E '^(MESSENGER|GRAPH_API|HANDOVER)_|^(HOST|PORT|RUST_LOG)$'); do
    unset "$variable"
done
# Elsewhere rustup would choose by itself, and what is built could not be shared.
if command -v rustup >/dev/null; then
    RUSTUP_TOOLCHAIN=$(rustup show active-toolchain | cut -d ' ' -f 1)
    export RUSTUP_TOOLCHAIN
fi
# All share what is built.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$repository/target}
# The debug information of all these projects would fill a small disk. What the tests of the workspace build is
# built as they do.
as_the_tests=${CARGO_PROFILE_DEV_DEBUG+env}
as_the_tests=${as_the_tests:-env -u CARGO_PROFILE_DEV_DEBUG}
export CARGO_PROFILE_DEV_DEBUG=0

echo "== Install"
says 'Installed package' "cargo install --path handover-cli --locked --debug --root $place/installed"
[ "$failed" -eq 0 ] || exit 1
export PATH=$place/installed/bin:$PATH
export CARGO_NET_OFFLINE=true
says 'handover 0.' 'handover --version'
says 'handover 0.' 'cargo handover --version'
says 'Exit status' 'handover --help'
refuses 2 "'trigger'" 'handover triger'
says 'complete' 'handover completions bash'
says '#compdef handover' 'handover completions zsh'
says 'complete -c handover' 'handover completions fish'

echo "== Projects"
says 'created' "handover new $place/my-bot --path ."
cd "$place"
for template in minimal two-apps support-desk instagram language-model cluster; do
    says 'created' "handover new $template-bot --template $template --path $repository"
done
for project in *-bot; do
    # So that nothing has to be asked of the network.
    cp "$repository/Cargo.lock" "$project"
    cd "$project"
    says '' 'cargo fmt --check'
    # What its README says, without the comments.
    while read -r command <&3; do
        follow "$command"
    done 3< <(sed -n '/^```sh$/,/^```$/{/^```/d; s/ *#.*//; p}' README.md)
    cd ..
done
refuses 2 "'live-chat'" 'handover new bot --template livechat'
refuses 2 'exists already' 'handover new minimal-bot'
refuses 2 'add --path FOLDER' 'handover new bot'
refuses 2 'such as `my-bot`' 'handover new "my bot"'

echo "== A bot while it is written"
cd "$place/my-bot"
starts ../dev.log 'Be the customer and the agent' 'handover dev --port 0 --bot-port 0 --no-open'
prints ../dev.log 'built in' 'handover dev'
page=$(grep -o 'http://127[^ ]*' ../dev.log | head -1)
webhook=$(sed -n 's/.*the bot listens at //p' ../dev.log)
cd "$repository"
says 'test result: ok. 1 passed' "NEWCOMER_PAGE=$page $as_the_tests cargo test --locked --package handover-tests --test it -- --ignored --exact browser::newcomer::a_handover_is_clicked_through"
cd "$place/my-bot"
says '200 message' "handover trigger message --text agent --url $webhook"
prints ../dev.log 'pass_thread_control' 'handover dev'
sed -i 's/"One moment, /"One moment please, /' src/lib.rs
prints ../dev.log 'was saved' 'handover dev'
stops 'handover dev'
says 'to_agent' 'handover routes'
says '| `to_agent` |' 'handover routes --markdown'
says 'flowchart' 'handover routes --mermaid'
says '"handler":"to_agent"' 'handover routes --json'

echo "== The bot as in production, but at the simulator"
cd "$repository"
# The tests of README.md build it as well.
sim="$as_the_tests cargo run --locked -p handover-sim"
says 'Finished' "${sim/run/build}"
starts "$place/sim.log" 'Act as person and agent at' "$sim -- --port 0"
export simulator
simulator=$(sed -n 's|^Act as person and agent at \(.*\)/$|\1|p' "$place/sim.log")
cd "$place/my-bot"
# What the simulator prints is what Meta's dashboard shows.
{
    sed -n 's/^ *\([A-Z_]*=\)/\1/p' "$place/sim.log"
    printf 'HANDOVER_STORE=sqlite:handover.db\nPORT=0\n'
} >.env
starts ../bot.log 'the bot listens on' 'env RUST_LOG=info cargo run'
bot=$pid
webhook=$(sed -n 's/.*the bot listens on //p' ../bot.log)
port=${webhook#http://127.0.0.1:} port=${port%/webhook}
sed -i "s/^PORT=.*/PORT=$port/" .env
export page=1744550565845823 app=1517776481860111 graph=$simulator/v26.0
fields=messages,messaging_postbacks,messaging_handovers,message_echoes,standby

# What the dashboard does when the callback URL is entered, and the box of each field ticked.
subscribe() {
    curl --silent --show-error --fail-with-body "$graph/$app/subscriptions" \
        --header "Authorization: Bearer $app|local-secret" --data "object=page&fields=$1" \
        --data "callback_url=$webhook&verify_token=local-verify" >"$seen" 2>&1 ||
        give_up "the app is subscribed to $1" "success" "a refusal"
}

# Which of them the Page lets the app have.
subscribe_page() {
    curl --silent --show-error --fail-with-body "$graph/$page/subscribed_apps" \
        --header 'Authorization: Bearer local-token' --data "subscribed_fields=$1" >"$seen" 2>&1 ||
        give_up "the Page is subscribed to $1" "success" "a refusal"
}

subscribe $fields
says 'all is well' 'handover doctor'
says '"check":"token","state":"good"' 'handover doctor --json'
says 'all is well' 'handover doctor --routes'

echo "== Events by hand"
control POST persons '{"name": "Ana"}'
ana=$(tr -cd 0-9 <"$seen")
export ana
says 'pass_thread_control' 'handover trigger --list'
says '200 message' 'handover trigger message --text agent --psid $ana'
comes_to_say 'the Page Inbox' 'handover thread owner $ana'
says '200 message' 'handover trigger message --text hello --psid $ana --standby'
says '200 pass_thread_control' 'handover trigger pass_thread_control --app page_inbox --psid $ana'
says '200 reaction' 'handover trigger reaction --psid $ana'
says '200 postback' 'handover trigger postback --payload GET_STARTED --psid $ana'
says "\"$ana\"" 'handover trigger message --text hello --dry-run'
says '"messaging"' 'handover trigger message --text hello --psid $ana --dry-run | tee ../body.json'
says '200 body' 'handover trigger --file ../body.json'
says '"status":200' 'handover trigger read --psid $ana --json'
refuses 1 'refused the signature' 'MESSENGER_APP_SECRET=another handover trigger message'
refuses 1 'nothing listens' 'handover trigger message --url http://127.0.0.1:9/webhook'
refuses 2 "'message'" 'handover trigger mesage'

echo "== Whose thread it is"
says 'taken' 'handover thread take $ana --metadata "it is settled"'
says "the owner is app $app" 'handover thread owner $ana'
says '"state":"owned"' 'handover thread owner $ana --json'
says 'extended' 'handover thread extend $ana --for 36h'
says 'passed to the Page Inbox' 'handover thread pass $ana --to page_inbox --metadata "asked for a person"'
refuses 1 'Conversation Routing is enabled' 'handover thread request $ana'
says 'taken' 'handover thread take $ana'
says 'released' 'handover thread release $ana'
says 'the thread is idle' 'handover thread owner $ana'
refuses 1 'no person has this id' 'handover thread take 42'

echo "== What the bot knows, and once more what it gave up"
control PUT faults '{"rules": [{"on": "call", "kind": "messages", "times": 1,
    "fault": {"type": "error", "code": 100, "message": "planted"}}]}'
control POST actions/say "{\"person\": \"$ana\", \"text\": \"what is this?\"}"
comes_to_say 'planted' 'handover inspect dead-letters'
says 'dead letter' 'handover inspect'
says "$ana" 'handover inspect threads'
says "\"person\":\"$ana\"" 'handover inspect threads --json'
says 'handled' 'handover inspect handled'
says 'no event waits' 'handover inspect --thread $ana'
says 'nothing is replayed yet' 'handover replay dead-letters'
refuses 2 'select events' 'handover replay events'
says '"replayed":true' 'handover replay dead-letters --thread $ana --yes --json'
comes_to_say '"text":"You said: what is this?"' 'curl -sS $simulator/control/threads/$ana'
pid=$bot
stops 'cargo run'
starts ../bot.log 'the bot listens on' 'env RUST_LOG=info cargo run'
bot=$pid

echo "== One thing wrong at a time, and all of them found"
says 'all is well' 'handover doctor'
refuses 1 'it is not valid' 'MESSENGER_ACCESS_TOKEN=another handover doctor'
# What the platform says of the token is this for once.
token() {
    local body="{\"data\": $1}"
    control PUT faults "{\"rules\": [{\"on\": \"call\", \"kind\": \"debug_token\",
        \"fault\": {\"type\": \"status\", \"code\": 200, \"body\": \"${body//\"/\\\"}\"}}]}"
}
token '{"is_valid": false, "error": {"message": "Session has expired"}}'
refuses 1 'Session has expired' 'handover doctor'
token '{"is_valid": true, "scopes": ["pages_manage_metadata"]}'
refuses 1 'the token lacks pages_messaging' 'handover doctor'
token '{"is_valid": true, "app_id": 42}'
refuses 1 'it is of app 42' 'handover doctor'
control PUT faults '{"rules": []}'
refuses 1 'app secret' 'MESSENGER_APP_SECRET=another handover doctor'
refuses 1 'refuses the verify token' 'MESSENGER_VERIFY_TOKEN=another handover doctor'
refuses 1 'have to belong to one app' 'MESSENGER_APP_ID=1 handover doctor'
refuses 1 'cannot be reached' 'GRAPH_API_URL=http://127.0.0.1:9 handover doctor'
refuses 1 'nobody answers there' 'handover doctor --webhook http://127.0.0.1:9/webhook'
control PATCH "accounts/$page/apps/$app" '{"subscribed": false}'
refuses 1 'is not subscribed to app' 'handover doctor'
control PATCH "accounts/$page/apps/$app" '{"subscribed": true}'
subscribe_page messages,messaging_postbacks,message_echoes,standby
refuses 1 'it is not subscribed to messaging_handovers' 'handover doctor'
subscribe_page $fields
subscribe messages
refuses 1 'it is not subscribed to messaging_handovers, messaging_postbacks' 'handover doctor'
subscribe $fields
refuses 1 'cannot be written' 'HANDOVER_STORE=sqlite:/nowhere/handover.db handover doctor'
refuses 1 'is not a journal' 'HANDOVER_STORE=sqlite:Cargo.toml handover doctor'
# One copy of the journal is damaged, and another one in use by somebody else.
python3 - >../python.log 2>&1 <<'END' &
import signal, sqlite3
for name in ["damaged.db", "held.db"]:
    with sqlite3.connect(name) as copy:
        sqlite3.connect("handover.db").backup(copy)
    copy.close()
with open("damaged.db", "r+b") as file:
    file.seek(4096)
    file.write(b"\xff" * 65536)
held = sqlite3.connect("held.db", isolation_level=None)
held.execute("BEGIN IMMEDIATE")
print("ready", flush=True)
signal.pause()
END
pid=$!
started+=("$pid")
prints ../python.log 'ready' 'copies of the journal'
refuses 1 'is damaged' 'HANDOVER_STORE=sqlite:damaged.db handover doctor'
refuses 1 'cannot be written now' 'HANDOVER_STORE=sqlite:held.db handover doctor'
inbox=accounts/$page/apps/263902037430900
control PATCH "$inbox" '{"connected": false}'
refuses 1 'the Page Inbox (263902037430900) is not connected' 'handover doctor'
control PATCH "$inbox" '{"connected": true}'
control PATCH "accounts/$page" '{"routing": {"mode": "zero_config"}}'
says 'Conversation Routing is off' 'handover doctor'
says 'passed' 'handover thread pass $ana --to page_inbox'
says 'requested' 'handover thread request $ana'
control PATCH "accounts/$page" "{\"routing\": {\"mode\": \"conversation\", \"default_app\": \"$app\"}}"
says 'all is well' 'handover doctor'
# The simulator's clock does not go back, so this is the last.
control POST clock '{"advance_ms": 3600000}'
refuses 1 "off the platform's" 'handover doctor'
