"""Small registry dumps in the formats that registries hand out, made of documentation ranges."""

from __future__ import annotations

import gzip
from pathlib import Path

RIPE_RANGES = """\
% This is a made-up file in the shape of ripe.db.inetnum

inetnum:        192.0.2.0 - 192.0.2.15
netname:        HARTMANN-NET
descr:          Hartmann Pumpen GmbH
descr:          Musterstr. 1
descr:          Kassel
country:        DE
admin-c:        XX1-EXAMPLE
status:         ASSIGNED PA
mnt-by:         CARRIER-MNT
source:         RIPE

inetnum:        192.0.2.64 - 192.0.2.79
netname:        FALK-LOGISTIK
country:        AT
org:            ORG-FL1-RIPE
status:         ASSIGNED PI
source:         RIPE

inetnum:        198.51.100.0 - 198.51.100.255
netname:        SOMEBODY-ELSE
descr:          Nordlicht Verlag KG
country:        DE
status:         ASSIGNED PA
source:         RIPE

inet6num:       2001:db8:7::/48
netname:        HARTMANN-V6
descr:          Hartmann
+               Pumpen GmbH
country:        DE
status:         ASSIGNED
source:         RIPE

inetnum:        203.0.113.0 - 203.0.113.127
netname:        HARTMANN-LIR
descr:          Hartmann Pumpen GmbH
country:        DE
status:         ALLOCATED PA
source:         RIPE
"""

RIPE_ORGANISATIONS = """\
organisation:   ORG-FL1-RIPE
org-name:       Falk Logistik AG
country:        AT
org-type:       OTHER
source:         RIPE

organisation:   ORG-XX1-RIPE
org-name:       Anybody Else Ltd
country:        GB
source:         RIPE
"""

ARIN_TEXT = """\
OrgID:          C00000001
OrgName:        Tidewater Instruments
Country:        US
Source:         ARIN

NetHandle:      NET-198-51-100-64-1
OrgID:          C00000001
Parent:         NET-198-51-100-0-1
NetName:        CARRIER-TIDEWATER
NetRange:       198.51.100.64 - 198.51.100.71
NetType:        reassignment
Source:         ARIN
"""

ARIN_XML = """\
<?xml version="1.0" encoding="UTF-8"?>
<bulkwhois xmlns="http://www.arin.net/bulkwhois/core/v1">
 <org><handle>C00000001</handle><iso3166-1><code2>US</code2></iso3166-1><name>Tidewater Instruments</name></org>
 <net><endAddress>198.051.100.071</endAddress><handle>NET-198-51-100-64-1</handle><name>CARRIER-TIDEWATER</name>
  <netBlocks><netBlock><cidrLenth>29</cidrLenth><endAddress>198.051.100.071</endAddress>
   <startAddress>198.051.100.064</startAddress><type>S</type></netBlock></netBlocks>
  <orgHandle>C00000001</orgHandle><startAddress>198.051.100.064</startAddress><version>4</version></net>
</bulkwhois>
"""


def write(folder: Path, name: str, text: str, *, crlf: bool = False) -> Path:
    """Write a dump; gzipped where its name says so."""
    data = (text.replace("\n", "\r\n") if crlf else text).encode("latin-1")
    path = folder / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path
