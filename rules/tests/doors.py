"""What the rules of doors.yaml find, and what they let pass."""


async def reached(host, loop, client):
    # ruleid: connection-beside-the-dialer
    psycopg.connect(host=host)
    # ruleid: connection-beside-the-dialer
    await psycopg.AsyncConnection.connect(host=host)
    # ruleid: connection-beside-the-dialer
    await asyncio.open_connection(host, 25)
    # ruleid: connection-beside-the-dialer
    await loop.create_connection(object, host, 25)
    # ruleid: connection-beside-the-dialer
    socket.create_connection((host, 25))
    # ruleid: connection-beside-the-dialer
    requests.get(f"https://{host}/")
    # ruleid: connection-beside-the-dialer
    httpx.AsyncClient()
    # ruleid: connection-beside-the-dialer
    urllib.request.urlopen(f"https://{host}/")
    # ruleid: connection-beside-the-dialer
    smtplib.SMTP(host)
    # ruleid: connection-beside-the-dialer
    imaplib.IMAP4_SSL(host)
    # ok: connection-beside-the-dialer
    client_for(policy).send(OutboundRequest("GET", f"https://{host}/"))


def started(text):
    # ruleid: shell
    subprocess.run(text, shell=True)
    # ruleid: shell
    os.system(text)
    # ruleid: shell
    os.popen(text)
    # ok: shell
    subprocess.run(["ls", text], check=True)


def put_off(task):
    # ruleid: task-put-off
    task.apply_async(countdown=5)
    # ruleid: task-put-off
    task.apply_async(args=[1], eta=5)
    # ok: task-put-off
    task.apply_async(args=[1], queue="exports")
