"""What the rules of foreign.yaml find, and what they let pass."""


def run(text):
    # ruleid: text-as-program
    eval(text)
    # ruleid: text-as-program
    exec(text)
    # ruleid: text-as-program
    compile(text, "name", "exec")
    # ok: text-as-program
    re.compile(text)


def read(data):
    # ruleid: objects-out-of-bytes
    pickle.loads(data)
    # ruleid: objects-out-of-bytes
    marshal.load(data)
    # ruleid: objects-out-of-bytes
    shelve.open(data)
    # ok: objects-out-of-bytes
    orjson.loads(data)
    # ruleid: yaml-with-objects
    yaml.load(data, Loader=yaml.Loader)
    # ruleid: yaml-with-objects
    yaml.unsafe_load(data)
    # ok: yaml-with-objects
    yaml.safe_load(data)


def written():
    # ruleid: name-of-a-file-to-be
    tempfile.mktemp()
    # ok: name-of-a-file-to-be
    tempfile.NamedTemporaryFile()


def unpacked(data, folder):
    with zipfile.ZipFile(data) as archive:
        # ruleid: archive-unpacked-as-it-says
        archive.extractall(folder)
        # ruleid: archive-unpacked-as-it-says
        archive.extract("name", folder)
        # ok: archive-unpacked-as-it-says
        archive.open("name")
    # ruleid: archive-unpacked-as-it-says
    tarfile.open(data)
    # ruleid: archive-unpacked-as-it-says
    shutil.unpack_archive(data)


def parsed(data):
    # ruleid: xml-with-a-document-type
    lxml.etree.fromstring(data)
    # ruleid: xml-with-a-document-type
    xml.etree.ElementTree.parse(data)
    # ruleid: xml-with-a-document-type
    xml.dom.minidom.parseString(data)
    # ok: xml-with-a-document-type
    feeds.read(data)
