"""How a value is read: SNMP, SSH, DICOM, HTTP and this machine."""
